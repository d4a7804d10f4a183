import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounded load on the portal of a benchmark, or on its database: so many clients, each with one thing under way, until
 * so many are done. Prints: done per second, p50, p95, p99 and the longest in ms, errors, mean size in bytes.
 */
final class Load {
    private static final AtomicLong NUMBER = new AtomicLong(System.nanoTime());

    private final AtomicInteger left;
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    private Load(int count) {
        left = new AtomicInteger(count);
    }

    /** One thing done for one of the lines; returns its size. */
    private interface Work {
        int on(String line) throws Exception;
    }

    private interface Worker {
        Work open() throws Exception;
    }

    /**
     * @param arguments {@code pages|api|post|sql}, the base URL (JDBC URL), the user, how many clients, how many to warm both
     *     sides up, how many to measure. The paths are the lines of standard input; for SQL they are tab-separated
     *     parameters, and the statements follow as arguments, each taking the first parameters of the line
     */
    public static void main(String[] arguments) throws Exception {
        List<String> lines = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        int clients = Integer.parseInt(arguments[3]);
        int warm = Integer.parseInt(arguments[4]);
        int count = Integer.parseInt(arguments[5]);
        Worker worker =
                switch (arguments[0]) {
                    case "pages" -> () -> pages(arguments[1], arguments[2]);
                    case "api" -> () -> api(arguments[1], arguments[2]);
                    case "post" -> () -> post(arguments[1], arguments[2]);
                    default -> () -> sql(arguments[1], Arrays.copyOfRange(arguments, 6, arguments.length));
                };
        new Load(warm).run(worker, lines, clients);
        Load load = new Load(count);
        long begin = System.nanoTime();
        long[] nanos = load.run(worker, lines, clients);
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%.0f %.1f %.1f %.1f %.1f %d %d%n",
                nanos.length / seconds,
                at(nanos, 0.50),
                at(nanos, 0.95),
                at(nanos, 0.99),
                at(nanos, 1),
                load.errors.get(),
                load.bytes.get() / Math.max(1, nanos.length));
    }

    private static double at(long[] sorted, double part) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * part) - 1)] / 1e6;
    }

    private long[] run(Worker worker, List<String> lines, int clients) throws Exception {
        List<List<Long>> taken = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            List<Long> own = new ArrayList<>();
            taken.add(own);
            Work work = worker.open();
            threads.add(new Thread(() -> drive(work, lines, own)));
        }
        for (Thread thread : threads) {
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return taken.stream().flatMap(List::stream).mapToLong(Long::longValue).sorted().toArray();
    }

    private void drive(Work work, List<String> lines, List<Long> taken) {
        while (left.getAndDecrement() > 0) {
            String line = lines.get(ThreadLocalRandom.current().nextInt(lines.size()));
            long begin = System.nanoTime();
            try {
                bytes.addAndGet(work.on(line));
            } catch (Exception e) {
                if (errors.getAndIncrement() == 0) {
                    System.err.println(line + ": " + e);
                }
            }
            taken.add(System.nanoTime() - begin);
        }
    }

    /** A browser: signs in by the form, keeps the cookies and one connection. */
    private static Work pages(String base, String user) throws IOException {
        Client client = new Client(URI.create(base));
        int status = client.send(
                "POST /login",
                "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n",
                "username=" + user + "&password=berth");
        if (status != 302 || client.location.contains("error")) {
            throw new IOException("no login: " + status);
        }
        return path -> client.get(path, "");
    }

    private static Work api(String base, String user) throws IOException {
        Client client = new Client(URI.create(base));
        String basic = Base64.getEncoder().encodeToString((user + ":berth").getBytes(StandardCharsets.UTF_8));
        return path -> client.get(path, "Authorization: Basic " + basic + "\r\n");
    }

    /** A path, a tab and a body, in which each {@code @} is a number that comes once. */
    private static Work post(String base, String user) throws IOException {
        Client client = new Client(URI.create(base));
        String basic = Base64.getEncoder().encodeToString((user + ":berth").getBytes(StandardCharsets.UTF_8));
        String headers = "Authorization: Basic " + basic + "\r\nContent-Type: application/json\r\n";
        return line -> {
            String[] parts = line.split("\t");
            String body = parts[1].replace("@", Long.toString(NUMBER.incrementAndGet()));
            int status = client.send("POST " + parts[0], headers, body);
            if (status != 201) {
                throw new IOException("status " + status);
            }
            return body.length();
        };
    }

    /**
     * As much of HTTP/1.1 as this needs, on one connection: on a small machine a full client would take as much
     * processor time as what it measures.
     */
    private static final class Client {
        private final String host;
        private final InputStream in;
        private final OutputStream out;
        private final Map<String, String> cookies = new TreeMap<>();
        private final byte[] buffer = new byte[64 * 1024];
        private int at;
        private int end;
        private String location = "";
        private int length;

        Client(URI base) throws IOException {
            host = base.getAuthority();
            Socket socket = new Socket(base.getHost(), base.getPort());
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        /** The size of the page. */
        int get(String path, String headers) throws IOException {
            int status = send("GET " + path, headers, "");
            if (status != 200) {
                throw new IOException("status " + status);
            }
            return length;
        }

        /** The status of the answer, whose body is read and left. */
        int send(String line, String headers, String body) throws IOException {
            String cookie = cookies.isEmpty() ? "" : "Cookie: " + String.join("; ", cookies.values()) + "\r\n";
            String size = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
            out.write((line + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + cookie + size + "\r\n" + body)
                    .getBytes(StandardCharsets.ISO_8859_1));
            int status = Integer.parseInt(line().split(" ")[1]);
            length = 0;
            boolean chunked = false;
            for (String header = line(); !header.isEmpty(); header = line()) {
                int colon = header.indexOf(':');
                String value = header.substring(colon + 1).strip();
                switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
                    case "content-length" -> length = Integer.parseInt(value);
                    case "location" -> location = value;
                    case "set-cookie" -> cookies.put(value.split("=")[0], value.split(";")[0]);
                    case "transfer-encoding" -> chunked = value.equals("chunked");
                    default -> {}
                }
            }
            if (chunked) {
                for (int part = chunk(); part > 0; part = chunk()) {
                    length += part;
                }
            } else {
                skip(length);
            }
            return status;
        }

        /** Skips the next part of a body whose length was not known when it began; returns its size, 0 at the end. */
        private int chunk() throws IOException {
            int size = Integer.parseInt(line(), 16);
            skip(size);
            line();
            return size;
        }

        private void skip(int count) throws IOException {
            for (int left = count; left > 0; ) {
                int step = Math.min(left, end - at);
                at += step;
                left -= step;
                if (left > 0) {
                    fill();
                }
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            while (true) {
                if (at == end) {
                    fill();
                }
                char next = (char) (buffer[at++] & 0xff);
                if (next == '\n') {
                    return line.toString();
                }
                if (next != '\r') {
                    line.append(next);
                }
            }
        }

        private void fill() throws IOException {
            at = 0;
            end = in.read(buffer);
            if (end < 0) {
                throw new IOException("the connection was closed");
            }
        }
    }

    /** The queries that such a page cannot do without, one after another on a connection of its own. */
    private static Work sql(String url, String[] statements) throws Exception {
        Connection connection = DriverManager.getConnection(url);
        return line -> {
            String[] parameters = line.split("\t");
            int size = 0;
            for (String sql : statements) {
                try (var statement = connection.prepareStatement(sql)) {
                    long needed = sql.chars().filter(each -> each == '?').count();
                    for (int index = 0; index < needed; index++) {
                        statement.setString(index + 1, parameters[index]);
                    }
                    try (var rows = statement.executeQuery()) {
                        int columns = rows.getMetaData().getColumnCount();
                        while (rows.next()) {
                            for (int column = 1; column <= columns; column++) {
                                String value = rows.getString(column);
                                size += value == null ? 0 : value.length();
                            }
                        }
                    }
                }
            }
            return size;
        };
    }
}
