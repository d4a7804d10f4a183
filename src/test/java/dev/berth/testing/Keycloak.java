package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A real Keycloak with the realm of {@code deploy/keycloak}. Its distribution comes from Maven's repository, and is
 * unpacked and prepared once for all runs, below {@code BERTH_CACHE}.
 */
public final class Keycloak implements AutoCloseable {
    private static final String VERSION = "26.7.3";
    private static final String ADMIN = "admin";
    private static final Path REALM = Path.of("deploy/keycloak/berth-realm.json");
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final Process process;

    private Keycloak(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** Starts it and does not wait: it takes as long as Berth does. */
    public static Keycloak start() throws IOException {
        Path home = home();
        Path imports = Files.createDirectories(home.resolve("data/import"));
        Path copy = Files.copy(
                REALM, imports.resolve("realm." + ProcessHandle.current().pid()));
        Files.move(
                copy,
                imports.resolve("berth-realm.json"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        int port = FreePort.choose();
        Path log = Files.createDirectories(Path.of("target/processes")).resolve("keycloak-" + port + ".log");
        ProcessBuilder builder = kc(
                home,
                log,
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--hostname=http://localhost:" + port,
                "--cache=local",
                "--import-realm");
        builder.environment()
                .putAll(Map.of(
                        "KC_BOOTSTRAP_ADMIN_USERNAME",
                        ADMIN,
                        "KC_BOOTSTRAP_ADMIN_PASSWORD",
                        ADMIN,
                        "JAVA_OPTS_APPEND",
                        "-XX:TieredStopAtLevel=1",
                        "JAVA_OPTS_KC_HEAP",
                        "-Xmx512m"));
        return new Keycloak(port, builder.start());
    }

    /** Where it is unpacked and prepared; done by whoever comes first, with others waiting. */
    private static synchronized Path home() throws IOException {
        String cache = System.getenv().getOrDefault("BERTH_CACHE", "/var/cache/berth");
        Path directory = Path.of(cache, "keycloak");
        Path home = directory.resolve("keycloak-" + VERSION);
        Path ready = home.resolve("berth-ready");
        if (!Files.exists(ready)) {
            unpack(zip(), directory);
            Path log = home.resolve("build.log");
            run(kc(home, log, "build", "--db=dev-mem"), log);
            Files.createFile(ready);
        }
        return home;
    }

    private static Path zip() throws IOException {
        Path repository =
                Path.of(System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
        Path zip = repository.resolve(
                "org/keycloak/keycloak-quarkus-dist/" + VERSION + "/keycloak-quarkus-dist-" + VERSION + ".zip");
        if (!Files.exists(zip)) {
            Path log = Files.createDirectories(Path.of("target/processes")).resolve("keycloak-fetch.log");
            run(
                    new ProcessBuilder(
                                    "mvn",
                                    "-B",
                                    "-q",
                                    "-Dmaven.repo.local=" + repository,
                                    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get",
                                    "-Dartifact=org.keycloak:keycloak-quarkus-dist:" + VERSION + ":zip",
                                    "-Dtransitive=false")
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile()),
                    log);
        }
        return zip;
    }

    private static void unpack(Path zip, Path directory) throws IOException {
        try (InputStream bytes = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(bytes)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path file = directory.resolve(entry.getName()).normalize();
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(entries, file, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static ProcessBuilder kc(Path home, Path log, String... arguments) {
        List<String> command = new java.util.ArrayList<>(
                List.of("bash", home.resolve("bin/kc.sh").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.redirectErrorStream(true).redirectOutput(log.toFile());
    }

    private static void run(ProcessBuilder builder, Path log) throws IOException {
        Process process = builder.start();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(builder.command() + " failed: " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IOException(e);
        }
    }

    public String issuer() {
        return "http://localhost:" + port + "/realms/berth";
    }

    public Keycloak awaitReady() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            assertThat(process.isAlive()).as("Keycloak runs").isTrue();
            try {
                return http.send(
                                        HttpRequest.newBuilder(URI.create(issuer()))
                                                .timeout(Duration.ofSeconds(10))
                                                .build(),
                                        HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            }
        });
        return this;
    }

    /** Tells the client where Berth is. */
    public void register(URI berth) throws IOException {
        JsonNode client = get("clients?clientId=berth").get(0);
        String text = JSON.writeValueAsString(client)
                .replace("https://berth.example.org", berth.toString().replaceFirst("/$", ""));
        send("PUT", "clients/" + client.get("id").asText(), text);
    }

    public void removeFromGroup(String username, String group) throws IOException {
        send(
                "DELETE",
                "users/" + id(username) + "/groups/"
                        + get("group-by-path" + group).get("id").asText(),
                "");
    }

    /** Ends all their sessions, of which Keycloak tells Berth by the back channel. */
    public void logOut(String username) throws IOException {
        send("POST", "users/" + id(username) + "/logout", "");
    }

    private String id(String username) throws IOException {
        return get("users?exact=true&username=" + username).get(0).get("id").asText();
    }

    private JsonNode get(String path) throws IOException {
        return JSON.readTree(send("GET", path, ""));
    }

    private String send(String method, String path, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/admin/realms/berth/" + path))
                .header("Authorization", "Bearer " + token())
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return text(request);
    }

    private String token() throws IOException {
        String form = "grant_type=password&client_id=admin-cli&username=" + ADMIN + "&password="
                + URLEncoder.encode(ADMIN, StandardCharsets.UTF_8);
        return JSON.readTree(text(HttpRequest.newBuilder(
                                URI.create("http://localhost:" + port + "/realms/master/protocol/openid-connect/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build()))
                .get("access_token")
                .asText();
    }

    private String text(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(request + ": " + answer.body()).isLessThan(300);
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        // Java is a child of the script that starts it.
        process.descendants().toList().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
