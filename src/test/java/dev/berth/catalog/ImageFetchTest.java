package dev.berth.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.common.Checks;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching from hosts that lead elsewhere, send too much, too little, too slowly or for ever, or are others. */
class ImageFetchTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final byte[] BYTES = "an image".repeat(50_000).getBytes(StandardCharsets.US_ASCII);
    private static final ImageFetch.Watch ON = (done, total) -> true;

    @TempDir
    private Path directory;

    private ImageServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ImageServer().file("/disk.raw", BYTES);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @AfterAll
    static void end() {
        VERTX.close();
    }

    private static LibraryConfig config(String... keysAndValues) {
        Map<String, String> all = new HashMap<>(Map.of(
                "berth.library.url-hosts", "127.0.0.1:*",
                "berth.library.url-schemes", "http,https",
                "berth.library.url-networks", "127.0.0.0/8"));
        for (int at = 0; at < keysAndValues.length; at += 2) {
            all.put("berth.library." + keysAndValues[at], keysAndValues[at + 1]);
        }
        return new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(LibraryConfig.class)
                .withSources(new PropertiesConfigSource(all, "test", 500))
                .build()
                .getConfigMapping(LibraryConfig.class);
    }

    private String fetch(LibraryConfig config, String url, ImageFetch.Watch watch) throws Exception {
        Path file = directory.resolve("part");
        Files.deleteIfExists(file);
        return new ImageFetch(new ImageSites(config), config, VERTX).file(url, file, "SHA-256", watch);
    }

    private void refused(LibraryConfig config, String url, boolean passing, String words) {
        assertThatThrownBy(() -> fetch(config, url, ON))
                .as(url)
                .isInstanceOfSatisfying(
                        FetchException.class,
                        e -> assertThat(e.passing()).as(e.getMessage()).isEqualTo(passing))
                .hasMessageContaining(words);
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(ImageFetch.digest("SHA-256").digest(bytes));
    }

    @Test
    void bringsTheFileAndItsDigestOverRedirectsThatAreAllowed() throws Exception {
        server.redirect("/latest", "/moved").redirect("/moved", server.url("/disk.raw"));
        assertThat(fetch(config(), server.url("/latest"), ON)).isEqualTo(sha256(BYTES));
        assertThat(directory.resolve("part")).hasBinaryContent(BYTES);
        assertThat(server.asked()).containsExactly("/latest", "/moved", "/disk.raw");
    }

    /** The allow-list and the networks are asked again at each redirect. */
    @Test
    void aRedirectIsJudgedLikeAnyAddress() throws IOException {
        try (ImageServer secret = new ImageServer().file("/secret", BYTES)) {
            server.redirect("/port", secret.url("/secret"))
                    .redirect("/metadata", "http://169.254.169.254/latest/meta-data/")
                    .redirect("/mapped", "http://[::ffff:10.0.0.1]/")
                    .redirect("/name", "http://localhost:" + secret.port() + "/secret")
                    .redirect("/user", "http://a:b@127.0.0.1:" + server.port() + "/disk.raw")
                    .redirect("/file", "file:///etc/passwd")
                    .redirect("/nothing", "http://")
                    .redirect("/round", "/round");
            LibraryConfig one = config("url-hosts", "127.0.0.1:" + server.port());
            for (String path : List.of("/port", "/metadata", "/mapped", "/name")) {
                refused(one, server.url(path), false, "berth.library.url-hosts does not name it");
            }
            // On the list, but a name for a network that is not allowed.
            LibraryConfig named = config("url-hosts", "*.254.169.254,169.254.169.254,127.0.0.1:*");
            refused(named, server.url("/metadata"), false, "berth.library.url-networks");
            refused(one, server.url("/user"), false, "user name");
            refused(one, server.url("/file"), false, "");
            refused(one, server.url("/nothing"), false, "");
            refused(one, server.url("/round"), false, "redirects");
            assertThat(server.asked()).filteredOn("/round"::equals).hasSize(6);
            assertThat(secret.asked()).isEmpty();
        }
        assertThatThrownBy(() -> ImageSites.follow(URI.create("https://a.example.org/x"), "http://a.example.org/x"))
                .hasMessageContaining("not encrypted");
    }

    @Test
    void aFileThatIsTooLargePackedOrCutOffIsNotTaken() {
        LibraryConfig small = config("max-file-gib", "0");
        server.on("/gzip", exchange -> {
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    ImageServer.send(exchange, BYTES);
                })
                .on("/endless", exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    OutputStream out = exchange.getResponseBody();
                    while (true) {
                        out.write(BYTES);
                    }
                })
                .on("/cut", exchange -> {
                    exchange.sendResponseHeaders(200, BYTES.length);
                    exchange.getResponseBody().write(Arrays.copyOf(BYTES, 1_000));
                    throw new IOException("gone");
                })
                .on("/broken", exchange -> exchange.sendResponseHeaders(503, -1))
                .on("/missing", exchange -> exchange.sendResponseHeaders(404, -1));
        refused(small, server.url("/disk.raw"), false, "larger than 0 GiB");
        refused(small, server.url("/endless"), false, "larger than 0 GiB");
        refused(config(), server.url("/gzip"), false, "unpacks nothing");
        refused(config(), server.url("/cut"), true, "connection broke");
        refused(config(), server.url("/broken"), true, "503");
        refused(config(), server.url("/missing"), false, "404");
    }

    /** The call goes to the address that was judged, and who answers there has to be who was named. */
    @Test
    void aServerByTlsHasToBeTheOneThatWasNamed() throws Exception {
        Path store = directory.resolve("store");
        Path certificate = directory.resolve("certificate.pem");
        keytool(
                "-genkeypair",
                "-keystore",
                store,
                "-keyalg",
                "EC",
                "-dname",
                "CN=x",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "3650");
        keytool("-exportcert", "-keystore", store, "-rfc", "-file", certificate);
        KeyStore keys = KeyStore.getInstance(store.toFile(), "password".toCharArray());
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "password".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        try (ImageServer secure = new ImageServer(tls).file("/disk.raw", BYTES)) {
            String named = "https://localhost:" + secure.port() + "/disk.raw";
            LibraryConfig trusting = config(
                    "url-ca-file", certificate.toString(),
                    "url-hosts", "localhost:*,127.0.0.1:*",
                    "url-networks", "127.0.0.0/8,::1/128");
            server.redirect("/secure", "https://127.0.0.1:" + secure.port() + "/disk.raw");
            assertThat(fetch(trusting, named, ON)).isEqualTo(sha256(BYTES));
            refused(trusting, server.url("/secure"), false, "No answer from 127.0.0.1");
            refused(
                    config("url-hosts", "localhost:*", "url-networks", "127.0.0.0/8,::1/128"),
                    named,
                    false,
                    "No answer from localhost");
            assertThat(secure.asked()).hasSize(1);
        }
    }

    private static void keytool(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-storepass",
                "password",
                "-alias",
                "x"));
        command.addAll(1, List.of(arguments[0].toString()));
        Stream.of(arguments).skip(1).map(Object::toString).forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** Neither a server that says nothing nor one that sends a byte now and then keeps a thread for ever. */
    @Test
    void silenceAndSlownessEnd() {
        CountDownLatch over = new CountDownLatch(1);
        server.on("/silent", exchange -> {
                    exchange.sendResponseHeaders(200, BYTES.length);
                    exchange.getResponseBody().flush();
                    await(over, 600_000);
                })
                .on("/slow", exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    while (!await(over, 50)) {
                        exchange.getResponseBody().write(1);
                        exchange.getResponseBody().flush();
                    }
                });
        try {
            refused(config("url-idle", "1s"), server.url("/silent"), true, "sent nothing");
            refused(config("url-time", "2s"), server.url("/slow"), false, "berth.library.url-time");
            assertThatThrownBy(() -> fetch(config(), server.url("/slow"), (done, total) -> done < 3))
                    .isInstanceOf(ImageFetch.StoppedException.class);
        } finally {
            over.countDown();
        }
    }

    private static boolean await(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Test
    void addressesAreJudgedBeforeTheyAreKept() {
        LibraryConfig strict =
                config("url-hosts", "cloud.example.org,*.example.net:8443,[2606:4700::1111]", "url-schemes", "https");
        ImageSites sites = new ImageSites(strict);
        for (String good : List.of(
                "https://cloud.example.org/disk.qcow2",
                "https://CLOUD.example.org:443/disk.qcow2?token=x",
                "https://a.b.example.net:8443/disk",
                "https://[2606:4700::1111]/disk")) {
            assertThat(problems(sites, good)).as(good).isEmpty();
        }
        for (String bad : List.of(
                "http://cloud.example.org/disk.qcow2",
                "https://cloud.example.org:8443/disk.qcow2",
                "https://cloud.example.org./disk.qcow2",
                "https://cloud.example.org.evil.org/disk.qcow2",
                "https://evilcloud.example.org/disk.qcow2",
                "https://example.net:8443/disk",
                "https://xexample.net:8443/disk",
                "https://a.example.net/disk",
                "https://user:word@cloud.example.org/disk.qcow2",
                "https://cloud.example.org@evil.org/disk.qcow2",
                "https://evil.org/cloud.example.org/disk.qcow2",
                "https://evil.org\\@cloud.example.org/disk.qcow2",
                "https://cloud.example.org/disk.qcow2\r\nHost: evil",
                "https://cloud.example.org/disk.qcow2.xz",
                "https://cloud.example.org/disk.ZIP?x",
                "ftp://cloud.example.org/disk.qcow2",
                "file:///etc/passwd",
                "https:/disk",
                "https://cloud.example.org/" + "x".repeat(2_000),
                "")) {
            assertThat(problems(sites, bad)).as(bad).containsKey("url");
        }
        LibraryConfig off = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(LibraryConfig.class)
                .build()
                .getConfigMapping(LibraryConfig.class);
        assertThat(problems(new ImageSites(off), "https://cloud.example.org/x").get("url"))
                .contains("berth.library.url-hosts");
        assertThatThrownBy(() -> new ImageSites(config("url-hosts", "https://cloud.example.org/")))
                .hasMessageContaining("berth.library.url-hosts");
    }

    private static Map<String, String> problems(ImageSites sites, String url) {
        Checks checks = new Checks();
        sites.checkImage(checks, "url", url);
        return checks.problems();
    }

    @Test
    void aListOfDigestsHasTheFilesOwn() throws FetchException {
        String a = "a".repeat(64);
        String b = "b".repeat(128);
        String list = "# images\n" + "c".repeat(40) + "  disk.raw\n" + a + " *disk.raw\n" + "d".repeat(64)
                + "  other/disk.raw\nSHA512 (disk.raw) = " + b + "\n" + a + "  twice\n" + "e".repeat(64) + "  twice\n";
        assertThat(find(list, "disk.raw")).isEqualTo(new ImageDigest("SHA-512", b));
        assertThat(find(a + "  ./disk.raw\r\n", "disk.raw")).isEqualTo(new ImageDigest("SHA-256", a));
        assertThatThrownBy(() -> find(list, "isk.raw")).isInstanceOf(FetchException.class);
        assertThatThrownBy(() -> find("c".repeat(40) + "  disk.raw", "disk.raw"))
                .isInstanceOf(FetchException.class);
        assertThatThrownBy(() -> find(list, "twice")).hasMessageContaining("two");
        assertThat(ImageDigest.of("A".repeat(64)).orElseThrow().hex()).isEqualTo(a);
        assertThat(ImageDigest.of("a".repeat(40))).isEmpty();
        assertThat(ImageDigest.of("x".repeat(64))).isEmpty();
    }

    private static ImageDigest find(String list, String file) throws FetchException {
        return ImageDigest.find(list.getBytes(StandardCharsets.UTF_8), file);
    }
}
