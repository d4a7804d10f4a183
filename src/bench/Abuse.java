import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Clients that mix good calls with every kind of bad one on a portal with the demo's people, for so many seconds. Prints
 * how many answers of each status there were; then each kind of call that was answered with 5xx, and fails if there is
 * one. A 503 that says when to come back is full and no failure, and is counted apart.
 */
final class Abuse {
    private static final int READ_MILLIS = 20_000;
    /** Connections that each client leaves half said. */
    private static final int LEFT_OPEN = 4;

    private static final String MEGABYTE = "x".repeat(1 << 20);

    private final String host;
    private final int port;
    private final Map<String, AtomicLong> answers = new ConcurrentHashMap<>();
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private final AtomicLong goodRefused = new AtomicLong();
    private final List<Call> calls = new ArrayList<>();
    private final List<Call> good = new ArrayList<>();
    private String cookie;

    /** One call: its name, and the bytes to send. {@code leave} means that the connection stays open, half said. */
    private record Call(String name, Supplier<byte[]> bytes, boolean leave) {}

    private Abuse(URI base) {
        host = base.getHost();
        port = base.getPort();
    }

    /** @param arguments the base URL, how many clients, for how many seconds */
    public static void main(String[] arguments) throws Exception {
        Abuse abuse = new Abuse(URI.create(arguments[0]));
        int clients = Integer.parseInt(arguments[1]);
        abuse.signIn();
        abuse.fill();
        long end = System.nanoTime() + Integer.parseInt(arguments[2]) * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            threads.add(new Thread(() -> abuse.run(end)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        new TreeMap<>(abuse.answers).forEach((status, count) -> System.out.printf("    %-24s %8d%n", status, count.get()));
        System.out.printf("    %-24s %8d%n", "good ones refused", abuse.goodRefused.get());
        new TreeMap<>(abuse.failures).forEach((call, answer) -> System.out.printf("FAILED %s: %s%n", call, answer));
        System.exit(abuse.failures.isEmpty() && abuse.goodRefused.get() == 0 ? 0 : 1);
    }

    private void signIn() throws IOException {
        String form = "username=alice&password=berth";
        String answer = send(request("POST", "/login", "Content-Type: application/x-www-form-urlencoded", form), false);
        for (String line : answer.split("\r\n")) {
            if (line.toLowerCase().startsWith("set-cookie: berth-session=")) {
                cookie = line.substring("set-cookie: ".length()).split(";")[0];
            }
        }
        if (cookie == null) {
            throw new IOException("No sign-in: " + answer);
        }
    }

    private void run(long end) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Deque<Socket> open = new ArrayDeque<>();
        while (System.nanoTime() < end) {
            boolean well = random.nextInt(5) < 2;
            List<Call> those = well ? good : calls;
            Call call = those.get(random.nextInt(those.size()));
            try {
                if (call.leave()) {
                    Socket socket = connect();
                    socket.getOutputStream().write(call.bytes().get());
                    open.add(socket);
                    if (open.size() > LEFT_OPEN) {
                        open.remove().close();
                    }
                    count("left open");
                } else {
                    judge(call, send(call.bytes().get(), well), well);
                }
            } catch (IOException e) {
                count(well ? "good ones cut" : "cut");
                if (well) {
                    failures.putIfAbsent(call.name(), "the connection was cut: " + e.getMessage());
                }
            }
        }
        open.forEach(socket -> {
            try {
                socket.close();
            } catch (IOException e) {
                // gone already
            }
        });
    }

    private void judge(Call call, String answer, boolean well) {
        String status = answer.length() > 12 && answer.startsWith("HTTP/1.") ? answer.substring(9, 12) : "none";
        String head = answer.split("\r\n\r\n", 2)[0].toLowerCase();
        if (status.equals("503") && head.contains("retry-after:")) {
            count("503 with Retry-After");
            return;
        }
        if (status.equals("429") && head.contains("retry-after:")) {
            count("429 with Retry-After");
            return;
        }
        count(status);
        if (status.startsWith("5")) {
            failures.putIfAbsent(call.name(), answer.substring(0, Math.min(600, answer.length())).replaceAll("\\s+", " "));
        }
        if (answer.contains("\tat ") || answer.contains("java.lang.")) {
            failures.putIfAbsent(call.name(), "a stack trace: " + answer.substring(0, Math.min(2_000, answer.length())));
        }
        if (well && !status.startsWith("2")) {
            goodRefused.incrementAndGet();
            System.err.println(call.name() + ": " + answer.substring(0, Math.min(300, answer.length())));
        }
    }

    private void count(String what) {
        answers.computeIfAbsent(what, x -> new AtomicLong()).incrementAndGet();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        // Reset at the end instead of waiting: so many connections would use up the ports.
        socket.setSoLinger(true, 0);
        socket.setSoTimeout(READ_MILLIS);
        socket.connect(new InetSocketAddress(host, port), READ_MILLIS);
        return socket;
    }

    /** What came until the server closed, at most so much. @param all whether the whole body matters */
    private String send(byte[] bytes, boolean all) throws IOException {
        try (Socket socket = connect()) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            IOException cut = null;
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                // Refused before it was all sent; the answer may be there all the same.
                cut = e;
            }
            try {
                InputStream in = socket.getInputStream();
                byte[] buffer = new byte[16_384];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    answer.write(buffer, 0, count);
                    if (!all && answer.size() > 65_536) {
                        break;
                    }
                }
            } catch (IOException e) {
                cut = e;
            }
            if (answer.size() == 0 && cut != null) {
                throw cut;
            }
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private byte[] request(String method, String path, String headers, String body) {
        String head = method + ' ' + path + " HTTP/1.1\r\nHost: " + host + ':' + port + "\r\nConnection: close\r\n"
                + (headers.isEmpty() ? "" : headers + "\r\n");
        byte[] content = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        return join(
                (head + (body == null ? "" : "Content-Length: " + content.length + "\r\n") + "\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1),
                content);
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = new byte[one.length + other.length];
        System.arraycopy(one, 0, both, 0, one.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static String basic(String credentials) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private void good(String method, String path, String headers, String body) {
        good.add(new Call("good " + method + ' ' + path, () -> request(method, path, headers, body), false));
    }

    private void bad(String name, String method, String path, String headers, String body) {
        calls.add(new Call(name, () -> request(method, path, headers, body), false));
    }

    /** @param head with {@code @} for the host's line */
    private void raw(String name, String head, boolean leave) {
        byte[] bytes = head.replace("@", "Host: " + host + ':' + port + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        calls.add(new Call(name, () -> bytes, leave));
    }

    private void fill() {
        String alice = basic("alice:berth");
        String admin = basic("admin:berth");
        String json = "\r\nContent-Type: application/json";
        String form = "\r\nContent-Type: application/x-www-form-urlencoded";
        String page = "Cookie: " + cookie;
        String id = "00000000-0000-4000-8000-000000000000";
        for (String path : List.of("/login", "/t/blue", "/t/blue/machines", "/t/blue/requests", "/t/blue/disks", "/account", "/notices")) {
            good("GET", path, path.equals("/login") ? "" : page, null);
        }
        for (String path : List.of("me", "tenants", "tenants/blue/machines", "tenants/blue/quota", "templates", "requests")) {
            good("GET", "/api/v1/" + path, alice, null);
        }
        good("GET", "/q/health/ready", "", null);

        // who they say they are
        ThreadLocalRandom random = ThreadLocalRandom.current();
        calls.add(new Call(
                "wrong password",
                () -> request("GET", "/api/v1/me", basic("mallory" + random.nextInt(50) + ":guess" + random.nextInt()), null),
                false));
        calls.add(new Call(
                "wrong password in the form",
                () -> request(
                        "POST",
                        "/login",
                        form.strip(),
                        "username=eve" + random.nextInt(50) + "&password=guess" + random.nextInt()),
                false));
        bad("no user", "GET", "/api/v1/me", "", null);
        bad("NUL in a user's name", "GET", "/api/v1/me", basic("al\0ice:berth"), null);
        bad("a password of a megabyte in the form", "POST", "/login", form.strip(), "username=alice&password=" + MEGABYTE);
        bad("NUL in the form", "POST", "/login", form.strip(), "username=al%00ice&password=berth");
        bad("a bad escape in the form", "POST", "/login", form.strip(), "username=%zz&password=%");
        bad("a form without fields", "POST", "/login", form.strip(), "");
        bad("JSON for a form", "POST", "/login", "Content-Type: application/json", "{\"username\": \"alice\"}");
        for (String authorization : List.of("Basic", "Basic !!!", "Basic YWxpY2U=", "Bearer x", "Bearer berth_" + "f".repeat(64),
                "Bearer " + "x".repeat(6_000), "Digest username=\"alice\"", "Negotiate AAAA", "\u00ff\u00fe", "Basic " + "/".repeat(400))) {
            bad("Authorization " + abbreviated(authorization), "GET", "/api/v1/me", "Authorization: " + authorization, null);
        }
        for (String session : List.of("x", "AAAA", "\"", "=;=", "x".repeat(4_000), "%00", "YWxpY2U")) {
            bad("cookie " + abbreviated(session), "GET", "/t/blue", "Cookie: berth-session=" + session, null);
        }

        // what they send
        for (String type : List.of("application/json", "application/xml", "text/plain;charset=nope", "multipart/form-data",
                "multipart/form-data; boundary=", "x/y", "/", "application/json;charset=utf-16", "application/x-www-form-urlencoded")) {
            for (String path : List.of("/api/v1/ssh-keys", "/api/v1/tenants/blue/requests", "/api/v1/images", "/t/blue/requests", "/admin/images")) {
                for (String who : List.of(alice, admin, page)) {
                    bad("body as " + type + " to " + path, "POST", path, who + "\r\nContent-Type: " + type, "--\r\n{]");
                }
            }
        }
        String deep = "[".repeat(100_000);
        for (String body : List.of("", "{", "null", "[]", "\"x\"", "0", "{\"name\":\"\\u0000\"}", "{\"name\":\"\\ud800\"}",
                "{\"name\":1e999999999}", "{\"name\":" + "9".repeat(2_000) + "}", "{\"name\":{\"a\":[]}}", "{\"a\":1,\"a\":2}", deep,
                "{\"name\":\"" + "x".repeat(200_000) + "\"}", "\ufeff{}", "{\"sshKeys\":[null],\"name\":null}", MEGABYTE)) {
            for (String path : List.of("/api/v1/ssh-keys", "/api/v1/tenants/blue/requests", "/api/v1/tenants", "/api/v1/users",
                    "/api/v1/sizes", "/api/v1/machines/" + id + "/snapshots", "/api/v1/templates", "/api/v1/network-profiles")) {
                for (String who : List.of(alice, admin)) {
                    bad("JSON " + abbreviated(body) + " to " + path, "POST", path, who + json, body);
                }
            }
        }
        String fine = "{\"template\":\"%s\",\"size\":\"%s\",\"name\":\"%s\",\"network\":\"%s\",\"storage\":\"%s\",\"sshKeys\":[],"
                + "\"userData\":\"%s\",\"leaseHours\":%s,\"reason\":\"%s\"}";
        for (String text : List.of("\\u0000", "\\ud800", "'; drop table machine; --", "${jndi:ldap://x}", "../../etc/passwd", "\\n\\r", "\\u202e")) {
            bad("a request with " + text, "POST", "/api/v1/tenants/blue/requests", alice + json,
                    fine.formatted(text, text, text, text, text, text, "24", text));
            bad("a reason with " + text, "POST", "/api/v1/tenants/blue/requests", alice + json,
                    fine.formatted("linux", "small", "web", "nat", "default", text, "24", text));
            bad("an SSH key with " + text, "POST", "/api/v1/ssh-keys", alice + json,
                    "{\"name\":\"" + text + "\",\"key\":\"ssh-ed25519 " + text + "\"}");
            bad("a team with " + text, "POST", "/api/v1/tenants", admin + json, "{\"slug\":\"" + text + "\",\"name\":\"" + text + "\"}");
            bad("a user with " + text, "POST", "/api/v1/users", admin + json,
                    "{\"username\":\"" + text + "\",\"name\":\"" + text + "\",\"password\":\"" + text + "\"}");
        }
        bad("a lease without end", "POST", "/api/v1/tenants/blue/requests", alice + json,
                fine.formatted("linux", "small", "web", "nat", "default", "", "99999999999999999999", ""));
        bad("a form with bad escapes", "POST", "/t/blue/requests", page + form, "name=%zz&size=%00&template=%c0%af&%=%");
        bad("a form with NULs", "POST", "/t/blue/requests", page + form, "name=a%00b&size=%00&template=%00&reason=%00");
        bad("a form of many fields", "POST", "/t/blue/requests", page + form, "a=1&".repeat(20_000));
        bad("a form of one megabyte", "POST", "/t/blue/requests", page + form, "name=" + MEGABYTE);
        bad("an idempotency key of garbage", "POST", "/api/v1/ssh-keys", alice + json + "\r\nIdempotency-Key: \u00ff\u0001", "{}");
        bad("a long idempotency key", "POST", "/api/v1/ssh-keys", alice + json + "\r\nIdempotency-Key: " + "k".repeat(4_000), "{}");

        // where they knock
        List<String> tricks = List.of("/../../etc/passwd", "//", "///t/blue", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc", "/t/blue/..;/admin",
                "/t/%00", "/t/blue%00", "/%zz", "/%", "/t/%c0%af", "/t/" + "a".repeat(3_000), "/a/".repeat(500), "/t/blue/machines/x",
                "/t/blue/machines/" + id, "/t/../admin/hosts", "/vendor/../../application.properties", "/vendor/%2e%2e/%2e%2e/x",
                "/api/v1/../../admin", "/api//v1/me", "/q/", "/q/dev", "/q/metrics/../dev", "/internal/", "/internal/console", "/\\..\\x", "/?" + "a=b&".repeat(500),
                "/t/red", "/t/red/machines", "/admin", "/admin/hosts/" + id, "/t/'or'1'='1", "/t/blue?%zz=%", "/login?error=%00", "/t/%F0%9F%92%A9");
        for (String path : tricks) {
            bad("path " + abbreviated(path), "GET", path, page, null);
            bad("path with POST " + abbreviated(path), "POST", path, page + form, "a=b");
            bad("path for the API " + abbreviated(path), "GET", path, alice, null);
        }
        for (String part : List.of(id, "x", "0", "-1", "%00", "%zz", "..", "a'b", "%F0%9F%92%A9", "A".repeat(300))) {
            for (String path : List.of("machines/%s", "machines/%s/events", "machines/%s/snapshots", "requests/%s", "images/%s", "templates/%s",
                    "tenants/%s", "tenants/%s/quota", "tenants/%s/machines", "hosts/%s", "users/%s", "disks/%s", "sizes/%s", "network-profiles/%s", "jobs/%s", "webhooks/%s")) {
                for (String method : List.of("GET", "DELETE", "POST", "PUT", "PATCH")) {
                    bad("id " + abbreviated(part) + ' ' + method + ' ' + path, method, "/api/v1/" + path.formatted(part), alice + json,
                            method.equals("GET") || method.equals("DELETE") ? null : "{}");
                }
            }
        }
        for (String query : List.of("limit=-1", "limit=0", "limit=99999999999", "limit=x", "cursor=x", "cursor=%00", "cursor=AAAA", "cursor=" + "A".repeat(2_000),
                "state=x", "state=%00", "tenant=%00", "q=%00", "q=%25", "from=x&to=y", "from=-999999999-01-01", "limit=1&limit=2", "sort=%00", "sort=x;y", "page=-1")) {
            for (String path : List.of("/api/v1/requests", "/api/v1/tenants/blue/machines", "/api/v1/audit", "/api/v1/jobs", "/api/v1/usage", "/api/v1/images", "/api/v1/tenants")) {
                bad("query " + abbreviated(query) + " of " + path, "GET", path + '?' + query, admin, null);
            }
            for (String path : List.of("/t/blue/machines", "/t/blue/requests", "/t/blue/activity", "/t/blue/disks", "/t/blue/usage", "/notices", "/account")) {
                bad("query " + abbreviated(query) + " of " + path, "GET", path + '?' + query, page, null);
            }
        }
        for (String method : List.of("TRACE", "OPTIONS", "PROPFIND", "FOO", "HEAD", "CONNECT", "PUT", "x".repeat(300))) {
            bad("method " + abbreviated(method), method, "/t/blue", page, null);
            bad("method of the API " + abbreviated(method), method, "/api/v1/me", alice, null);
        }

        // from where, and how
        for (String header : List.of("Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Origin: null", "Origin: \u00ff", "Origin: http://[", "Sec-Fetch-Site: x")) {
            bad("cross-site form " + header, "POST", "/t/blue/requests", page + form + "\r\n" + header, "name=x");
            bad("cross-site call " + header, "POST", "/api/v1/ssh-keys", alice + json + "\r\n" + header, "{}");
        }
        for (String header : List.of("Accept: x", "Accept: */*;q=x", "Accept-Language: \u0001", "Accept-Charset: nope", "Range: bytes=9-1", "If-None-Match: \"", "If-Modified-Since: x",
                "X-Forwarded-For: " + "1.2.3.4,".repeat(400), "X-Forwarded-Host: evil\r\nX-Forwarded-Proto: x", "Expect: x", "HX-Request: true", "Last-Event-ID: %00",
                "X-HTTP-Method-Override: DELETE", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: !!!",
                "Content-Encoding: gzip", "Accept-Encoding: gzip;q=x, br", "traceparent: 00-x-y-z", "Cookie: a", "Cookie: =", "Cookie: \"")) {
            bad("header " + abbreviated(header), "GET", "/api/v1/me", alice + "\r\n" + header, null);
            bad("header of a page " + abbreviated(header), "GET", "/t/blue", page + "\r\n" + header, null);
            bad("header of a file " + abbreviated(header), "GET", "/vendor/htmx.min.js", header, null);
        }
        bad("many headers", "GET", "/api/v1/me", alice + "\r\nX-A: b".repeat(2_000), null);
        bad("a header of 100 KB", "GET", "/api/v1/me", alice + "\r\nX-A: " + "b".repeat(100_000), null);
        bad("no ticket", "GET", "/api/v1/console?ticket=x", page + "\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA", null);
        raw("no host", "GET /t/blue HTTP/1.1\r\nConnection: close\r\n\r\n", false);
        raw("a strange host", "GET /t/blue HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", false);
        raw("a broken host", "GET /t/blue HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n", false);
        raw("a host of garbage", "POST /login HTTP/1.1\r\nHost: \u00ff:99999999\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false);
        raw("two hosts", "GET /t/blue HTTP/1.1\r\n@Host: evil.example\r\nConnection: close\r\n\r\n", false);
        raw("an absolute address", "GET http://evil.example/t/blue HTTP/1.1\r\n@Connection: close\r\n\r\n", false);
        raw("HTTP/1.0", "GET /login HTTP/1.0\r\n\r\n", false);
        raw("HTTP/9", "GET /login HTTP/9.9\r\n@Connection: close\r\n\r\n", false);
        raw("no HTTP", "hello\r\n\r\n", false);
        raw("TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n", false);
        raw("HTTP/2 by itself", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000", false);
        raw("a negative length", "POST /api/v1/ssh-keys HTTP/1.1\r\n@Connection: close\r\nContent-Length: -1\r\n\r\n", false);
        raw("two lengths", "POST /api/v1/ssh-keys HTTP/1.1\r\n@Connection: close\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", false);
        raw("an endless length", "POST /api/v1/ssh-keys HTTP/1.1\r\n@Connection: close\r\nContent-Length: 99999999999999999999\r\n\r\n", false);
        raw("a large length", "POST /api/v1/ssh-keys HTTP/1.1\r\n@Connection: close\r\nContent-Length: 9999999999\r\n\r\n{", false);
        raw("length and chunks", "POST /api/v1/ssh-keys HTTP/1.1\r\n@Connection: close\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false);
        raw("chunks", "POST /api/v1/ssh-keys HTTP/1.1\r\n@" + alice + "\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", false);
        raw("bad chunks", "POST /api/v1/images HTTP/1.1\r\n@" + admin + "\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false);
        raw("an upload of garbage", "POST /api/v1/images HTTP/1.1\r\n@" + admin + "\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n--y\r\n\r\n--", false);
        raw("another's upload", "POST /api/v1/images HTTP/1.1\r\n@" + alice + "\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000000\r\n\r\n--x\r\n", false);
        raw("a strange coding", "POST /api/v1/ssh-keys HTTP/1.1\r\n@Connection: close\r\nTransfer-Encoding: gzip\r\n\r\n", false);
        raw("half a line", "GET /t/bl", true);
        raw("half the headers", "GET /t/blue HTTP/1.1\r\n@X-A: b\r\n", true);
        raw("half a body", "POST /api/v1/ssh-keys HTTP/1.1\r\n@" + alice + json + "\r\nContent-Length: 1000\r\n\r\n{", true);
        raw("half an upload", "POST /api/v1/images HTTP/1.1\r\n@" + admin + "\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n", true);
        raw("nothing", "", true);
        raw("an event stream left", "GET /t/blue/live HTTP/1.1\r\n@" + page + "\r\nAccept: text/event-stream\r\n\r\n", true);
    }

    private static String abbreviated(String text) {
        return text.length() <= 40 ? text : text.substring(0, 37) + "...";
    }
}
