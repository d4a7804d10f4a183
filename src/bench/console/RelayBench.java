import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Berth's console relay beside websockify and plain TCP, all in front of {@link ByteServer}: bytes a second, round
 * trips of a key press, memory for 100 sessions. Started by run.sh.
 */
final class RelayBench {
    private static final int ROUNDS = Integer.getInteger("rounds", 5);
    private static final long BYTES = 256L << 20;
    /** Enough for both compilers of a Java virtual machine. */
    private static final int WARM_UP = 4;

    private static final int PINGS_ALONE = 5_000;
    private static final int PINGS_EACH = 100;
    private static final int PING_PAUSE_MILLIS = 50;
    private static final int MANY = 100;

    /** A way to the byte server. */
    interface Way {
        Line open() throws Exception;
    }

    /** An open connection that carries bytes. */
    interface Line extends AutoCloseable {
        void send(byte[] bytes) throws IOException;

        void receive(long count) throws IOException;

        @Override
        void close() throws IOException;
    }

    private final Map<String, Way> ways = new LinkedHashMap<>();
    private final Map<String, Long> processes = new LinkedHashMap<>();
    /** Row, then way, to one figure for each round. */
    private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
    private final ExecutorService pool = Executors.newCachedThreadPool();

    public static void main(String[] args) throws Exception {
        new RelayBench().run();
        System.exit(0);
    }

    private void run() throws Exception {
        String berth = "http://127.0.0.1:" + System.getProperty("berth.port");
        UUID machine = prepare();
        HttpClient http = HttpClient.newHttpClient();
        int tcp = Integer.getInteger("tcp.port");
        int websockify = Integer.getInteger("websockify.port");
        ways.put("plain TCP", () -> new Plain(tcp));
        ways.put("websockify", () -> new Framed(websockify, "/", "http://127.0.0.1"));
        ways.put("Berth", () -> new Framed(
                Integer.getInteger("berth.port"), ticket(http, berth, machine), berth));
        processes.put("websockify", Long.getLong("websockify.pid"));
        processes.put("Berth", Long.getLong("berth.pid"));

        for (int round = 1 - WARM_UP; round <= ROUNDS; round++) {
            for (Map.Entry<String, Way> way : ways.entrySet()) {
                boolean counted = round > 0;
                double before = processorSeconds(way.getKey());
                note(counted, "throughput, 1 session (MiB/s)", way.getKey(), throughput(way.getValue(), 1));
                double after = processorSeconds(way.getKey());
                if (processes.containsKey(way.getKey())) {
                    double perGibibyte = (after - before) / BYTES * (1 << 30);
                    note(counted, "processor time, 1 session (s/GiB)", way.getKey(), perGibibyte);
                }
                note(counted, "throughput, 100 sessions (MiB/s)", way.getKey(), throughput(way.getValue(), MANY));
                double[] alone = trips(way.getValue(), 1, PINGS_ALONE, 0);
                note(counted, "round trip p50, 1 session (ms)", way.getKey(), percentile(alone, 50));
                note(counted, "round trip p95, 1 session (ms)", way.getKey(), percentile(alone, 95));
                double[] many = trips(way.getValue(), MANY, PINGS_EACH, PING_PAUSE_MILLIS);
                note(counted, "round trip p50, 100 sessions (ms)", way.getKey(), percentile(many, 50));
                note(counted, "round trip p95, 100 sessions (ms)", way.getKey(), percentile(many, 95));
                if (processes.containsKey(way.getKey())) {
                    note(counted, "memory added by 100 sessions (MiB)", way.getKey(), memory(way));
                }
            }
            System.err.println(round > 0 ? "round " + round + " of " + ROUNDS : "warming up");
        }
        print();
    }

    private void note(boolean counted, String row, String way, double value) {
        if (counted) {
            figures.computeIfAbsent(row, x -> new LinkedHashMap<>())
                    .computeIfAbsent(way, x -> new ArrayList<>())
                    .add(value);
        }
    }

    private double throughput(Way way, int sessions) throws Exception {
        List<Line> lines = open(way, sessions);
        long each = BYTES / sessions;
        long start = System.nanoTime();
        all(lines, line -> {
            line.send(ByteBuffer.allocate(9).put((byte) 'S').putLong(each).array());
            line.receive(each);
            return null;
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        close(lines);
        return each * sessions / seconds / (1 << 20);
    }

    private double[] trips(Way way, int sessions, int count, int pauseMillis) throws Exception {
        List<Line> lines = open(way, sessions);
        List<double[]> results = all(lines, line -> {
            double[] millis = new double[count];
            byte[] key = {4, 1, 0, 0, 0, 0, 0, 97};
            line.send(new byte[] {'E'});
            for (int i = 0; i < count; i++) {
                if (pauseMillis > 0) {
                    Thread.sleep(1 + (long) (Math.random() * 2 * pauseMillis));
                }
                long start = System.nanoTime();
                line.send(key);
                line.receive(key.length);
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
            return millis;
        });
        close(lines);
        return results.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    }

    /** Of the relay and its children, also of those that have ended. */
    private double processorSeconds(String way) throws Exception {
        if (!processes.containsKey(way)) {
            return 0;
        }
        Thread.sleep(300);
        long ticks = 0;
        for (ProcessHandle process : family(ProcessHandle.of(processes.get(way)).orElseThrow())) {
            try {
                String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                // utime, stime, cutime, cstime of proc(5), in hundredths of a second
                for (int i = 11; i <= 14; i++) {
                    ticks += Long.parseLong(fields[i]);
                }
            } catch (IOException e) {
                // It ended meanwhile and counts with its parent.
            }
        }
        return ticks / 100.0;
    }

    /** With 100 sessions open that have each moved 2 MiB, against none. */
    private double memory(Map.Entry<String, Way> way) throws Exception {
        long pid = processes.get(way.getKey());
        Thread.sleep(500);
        double before = mebibytes(pid);
        List<Line> lines = open(way.getValue(), MANY);
        all(lines, line -> {
            line.send(ByteBuffer.allocate(9).put((byte) 'S').putLong(2 << 20).array());
            line.receive(2 << 20);
            return null;
        });
        double after = mebibytes(pid);
        close(lines);
        return after - before;
    }

    /** What the process and its children occupy, shared pages counted by share. */
    private static double mebibytes(long pid) throws IOException {
        double sum = 0;
        for (ProcessHandle process : family(ProcessHandle.of(pid).orElseThrow())) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
                    if (line.startsWith("Pss:")) {
                        sum += Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
                    }
                }
            } catch (IOException e) {
                // It ended meanwhile.
            }
        }
        return sum;
    }

    private static List<ProcessHandle> family(ProcessHandle process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.removeIf(child -> child.info().command().orElse("").contains("postgres"));
        all.add(process);
        return all;
    }

    private List<Line> open(Way way, int sessions) throws Exception {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            lines.add(way.open());
        }
        return lines;
    }

    private interface Work<T> {
        T with(Line line) throws Exception;
    }

    private <T> List<T> all(List<Line> lines, Work<T> work) throws Exception {
        List<Callable<T>> calls = new ArrayList<>();
        lines.forEach(line -> calls.add(() -> work.with(line)));
        List<T> results = new ArrayList<>();
        for (Future<T> result : pool.invokeAll(calls)) {
            results.add(result.get());
        }
        return results;
    }

    private static void close(List<Line> lines) throws IOException {
        for (Line line : lines) {
            line.close();
        }
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private void print() {
        System.out.println("| | plain TCP | websockify | Berth | Berth : websockify | Berth - TCP |");
        System.out.println("| --- | --- | --- | --- | --- | --- |");
        figures.forEach((row, byWay) -> {
            double berth = median(byWay.get("Berth"));
            double websockify = median(byWay.get("websockify"));
            boolean hasTcp = byWay.containsKey("plain TCP");
            double tcp = hasTcp ? median(byWay.get("plain TCP")) : 0;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %.3g | %.3g | %.2f | %s |%n",
                    row,
                    hasTcp ? "%.3g".formatted(tcp) : "",
                    websockify,
                    berth,
                    berth / websockify,
                    row.contains("ms") ? "%+.3f".formatted(berth - tcp) : "");
        });
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    /** A machine of alice's on a host whose worker is the byte server. */
    private static UUID prepare() throws SQLException {
        UUID machine = UUID.randomUUID();
        UUID host = UUID.randomUUID();
        String revision = UUID.randomUUID().toString();
        try (Connection connection =
                        DriverManager.getConnection(System.getProperty("jdbc.url"), "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "insert into host (id, name, uri, state, worker_url, created_at) values ('" + host + "', 'bench-"
                            + host + "', 'bench', 'ACTIVE', 'http://127.0.0.1:" + System.getProperty("worker.port")
                            + "', now())",
                    "insert into image (id, name, format, state, created_by, created_at) values ('" + revision
                            + "', 'bench-" + revision + "', 'qcow2', 'READY', 'bench', now())",
                    "insert into template (id, slug, name, auto_vcpus, auto_memory_mib, auto_disk_gib, auto_lease_hours,"
                            + " max_lease_hours, created_at) values ('" + revision + "', 'bench-" + revision
                            + "', 'Bench', 1, 1, 1, 1, 1, now())",
                    "insert into template_revision (id, template_id, number, state, image_id, created_by, created_at)"
                            + " values ('" + revision + "', '" + revision + "', 1, 'APPROVED', '" + revision
                            + "', 'bench', now())",
                    "insert into machine (id, tenant_id, tenant_slug, owner_id, owner_name, name, revision_id,"
                            + " template_name, revision_number, size_name, vcpus, memory_mib, disk_gib, host_id,"
                            + " host_name, wanted, operation, operation_at, seen, seen_at, state, settled,"
                            + " provisioned_at, created_at) select '" + machine + "', t.id, t.slug, u.id, u.username,"
                            + " 'bench', '" + revision + "', 'Bench', 1, 'Tiny', 1, 1, 1, '" + host + "', 'bench-"
                            + host + "', 'RUNNING', 'CREATE', now(), 'RUNNING', now(), 'RUNNING', true, now(), now()"
                            + " from tenant t, app_user u where t.slug = 'blue' and u.username = 'alice'")) {
                statement.executeUpdate(sql);
            }
        }
        return machine;
    }

    private static String ticket(HttpClient http, String berth, UUID machine) throws Exception {
        String login = Base64.getEncoder().encodeToString("alice:berth".getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(berth + "/api/v1/machines/" + machine + "/console"))
                        .header("Authorization", "Basic " + login)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        Matcher url = Pattern.compile("\"url\"\\s*:\\s*\"([^\"]+)\"").matcher(answer.body());
        if (!url.find()) {
            throw new IllegalStateException("no ticket: " + answer.statusCode() + " " + answer.body());
        }
        return url.group(1);
    }

    /** TCP as it is. */
    private static final class Plain implements Line {
        private final Socket socket;
        private final DataInputStream in;
        private final byte[] sink = new byte[65_536];

        Plain(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = new DataInputStream(socket.getInputStream());
        }

        @Override
        public void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        @Override
        public void receive(long count) throws IOException {
            for (long left = count; left > 0; ) {
                int n = in.read(sink, 0, (int) Math.min(left, sink.length));
                if (n < 0) {
                    throw new IOException("closed");
                }
                left -= n;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A WebSocket client (RFC 6455) that does no more than it must. */
    private static final class Framed implements Line {
        private final Socket socket;
        private final DataInputStream in;
        private final byte[] sink = new byte[65_536];
        private long inFrame;

        Framed(int port, String path, String origin) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65_536));
            String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nOrigin: " + origin
                    + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            StringBuilder head = new StringBuilder();
            while (!head.toString().endsWith("\r\n\r\n")) {
                head.append((char) in.readByte());
            }
            if (!head.toString().startsWith("HTTP/1.1 101")) {
                throw new IOException("refused: " + head);
            }
        }

        @Override
        public void send(byte[] bytes) throws IOException {
            byte[] frame = new byte[6 + bytes.length];
            frame[0] = (byte) 0x82;
            frame[1] = (byte) (0x80 | bytes.length);
            for (int i = 0; i < 4; i++) {
                frame[2 + i] = 0x5a;
            }
            for (int i = 0; i < bytes.length; i++) {
                frame[6 + i] = (byte) (bytes[i] ^ 0x5a);
            }
            OutputStream out = socket.getOutputStream();
            out.write(frame);
        }

        @Override
        public void receive(long count) throws IOException {
            for (long left = count; left > 0; ) {
                if (inFrame == 0) {
                    header();
                    continue;
                }
                int n = in.read(sink, 0, (int) Math.min(Math.min(left, inFrame), sink.length));
                if (n < 0) {
                    throw new IOException("closed");
                }
                left -= n;
                inFrame -= n;
            }
        }

        private void header() throws IOException {
            int opcode = in.readByte() & 0x0f;
            int length = in.readByte() & 0x7f;
            inFrame = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
            if (opcode > 2) {
                byte[] control = in.readNBytes((int) inFrame);
                inFrame = 0;
                if (opcode == 8) {
                    throw new IOException("closed with code " + ByteBuffer.wrap(control).getShort());
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
