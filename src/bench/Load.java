import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounded load on the portal of a benchmark, or on its database: so many clients, each with one thing under way, until
 * so many are done. Prints: done per second, p50, p95, p99 and the longest in ms, errors, mean size in bytes.
 */
final class Load {
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
     * @param arguments {@code pages|api|sql}, the base URL (JDBC URL), the user, how many clients, how many in all. The
     *     paths are the lines of standard input; for SQL they are tab-separated parameters, and the statements follow as
     *     arguments, each taking the first parameters of the line
     */
    public static void main(String[] arguments) throws Exception {
        List<String> lines = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        int clients = Integer.parseInt(arguments[3]);
        int count = Integer.parseInt(arguments[4]);
        Worker worker =
                switch (arguments[0]) {
                    case "pages" -> () -> pages(arguments[1], arguments[2]);
                    case "api" -> () -> api(arguments[1], arguments[2]);
                    default -> () -> sql(arguments[1], Arrays.copyOfRange(arguments, 5, arguments.length));
                };
        new Load(count / 3).run(worker, lines, clients); // warms both sides up
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

    /** A browser: signs in by the form, keeps the cookie and one connection. */
    private static Work pages(String base, String user) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .cookieHandler(new CookieManager())
                .build();
        HttpRequest login = HttpRequest.newBuilder(URI.create(base + "/login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Sec-Fetch-Site", "same-origin")
                .POST(HttpRequest.BodyPublishers.ofString("username=" + user + "&password=berth"))
                .build();
        HttpResponse<String> answer = client.send(login, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 302
                || answer.headers().firstValue("location").orElse("").contains("error")) {
            throw new IOException("no login: " + answer.statusCode());
        }
        return path -> get(client, HttpRequest.newBuilder(URI.create(base + path)).build());
    }

    private static Work api(String base, String user) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        String basic = Base64.getEncoder().encodeToString((user + ":berth").getBytes(StandardCharsets.UTF_8));
        return path -> get(
                client,
                HttpRequest.newBuilder(URI.create(base + path))
                        .header("Authorization", "Basic " + basic)
                        .build());
    }

    private static int get(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException("status " + answer.statusCode());
        }
        return answer.body().length;
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
