package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.security.Credential;
import dev.berth.security.LinkSignature;
import dev.berth.security.WorkerTls;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.EveryText;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS that Berth ends by itself, a worker's link over it, and secrets that come from files and show nowhere. */
@QuarkusTest
@TestProfile(SecureProfile.class)
class SecureTest {
    @TestHTTPResource("/")
    URI plain;

    @TestHTTPResource(value = "/", tls = true)
    URI secure;

    @Inject
    WorkerTls tls;

    @Inject
    Vertx vertx;

    @Inject
    LinkSignature signature;

    @Inject
    ConsoleConfig config;

    @Inject
    ConsoleFixture fixture;

    @Inject
    ConsoleTickets tickets;

    @Inject
    Tenants tenants;

    @Inject
    FakeScreens screens;

    @Inject
    EveryText everyText;

    @TempDir
    Path directory;

    @AfterAll
    static void takeAway() throws IOException {
        try (var files = Files.walk(SecureProfile.DIRECTORY)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    @Test
    void browsersStayWithTls() throws Exception {
        fixture.user("alice", "blue");
        HttpResponse<String> page = trusting().send(get(secure, "/login"), HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Strict-Transport-Security")).isPresent();
        HttpRequest login = HttpRequest.newBuilder(secure.resolve("/login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", "https://" + secure.getAuthority())
                .POST(BodyPublishers.ofString("username=alice&password=" + ConsoleFixture.PASSWORD.replace(' ', '+')))
                .build();
        HttpResponse<String> signedIn = trusting().send(login, HttpResponse.BodyHandlers.ofString());
        assertThat(signedIn.statusCode())
                .as(signedIn.body() + signedIn.headers())
                .isEqualTo(302);
        assertThat(signedIn.headers().allValues("Set-Cookie"))
                .anyMatch(cookie -> cookie.startsWith("berth-session="))
                .allMatch(cookie -> cookie.contains("Secure"));
        assertThat(signedIn.headers().firstValue("Location").orElse("")).doesNotStartWith("http://");
        assertThat(trusting()
                        .send(get(plain, "/login"), HttpResponse.BodyHandlers.ofString())
                        .headers()
                        .firstValue("Strict-Transport-Security"))
                .isEmpty();
        assertThatThrownBy(() ->
                        HttpClient.newHttpClient().send(get(secure, "/login"), HttpResponse.BodyHandlers.ofString()))
                .as("an authority that nobody trusts")
                .isInstanceOf(SSLException.class);
    }

    @Test
    void aWorkerIsReachedByTlsAndOnlyWhenItIsTrusted() throws Exception {
        UUID machine = fixture.machine(ConsoleFixture.FAR);
        fixture.workerUrl(ConsoleFixture.FAR, secure.toString());
        byte[] bytes = "through TLS".getBytes(StandardCharsets.UTF_8);
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            screens.show(machine, vnc.path());
            String url = tickets.issue(
                            tenants.caller("alice", "test"), Credential.password(), machine, ConsoleMode.CONTROL)
                    .url();
            try (ConsoleClient browser = ConsoleClient.open(plain, url)) {
                browser.send(bytes);
                assertThat(browser.take(bytes.length)).isEqualTo(bytes);
            }
            WorkerLink suspicious = new WorkerLink(vertx, signature, config, new WorkerTls(nobody()));
            assertThatThrownBy(() -> suspicious
                            .connect(secure.toString(), machine)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(ConsoleException.class)
                    .hasRootCauseInstanceOf(java.security.cert.CertPathBuilderException.class);
        }
    }

    @Test
    void secretsShowNowhere() throws Exception {
        String admin = "Basic "
                + Base64.getEncoder()
                        .encodeToString(("admin:" + SecureProfile.SECRETS.get("berth.auth.first-admin-password"))
                                .getBytes(StandardCharsets.UTF_8));
        StringBuilder answers = new StringBuilder();
        for (String path : List.of(
                "/q/health",
                "/q/metrics",
                "/q/openapi",
                "/q/nothing",
                "/login",
                "/nothing",
                "/t/%zz",
                "/api/v1/me",
                "/api/v1/hosts",
                "/api/v1/audit",
                "/api/v1/users",
                "/api/v1/nothing")) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(plain.toString() + path.substring(1).replace("%zz", "%25zz")))
                    .header("Authorization", admin)
                    .build();
            HttpResponse<String> answer = trusting().send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path).isLessThan(500);
            answers.append(answer.headers().map()).append(answer.body());
        }
        assertThat(answers).as("the first admin's password came from a file").contains("\"admin\":true");
        assertThat(signature.configured()).isTrue();
        Config config = ConfigProvider.getConfig();
        assertThat(List.of("berth.auth.oidc.client-secret", "quarkus.datasource.password"))
                .allMatch(key -> config.getValue(key, String.class).startsWith("MARKER"));
        assertThat(answers).doesNotContain("MARKER");
        assertThat(everyText.ofDatabase()).contains("admin").doesNotContain("MARKER");
        assertThat(Files.readString(SecureProfile.LOG)).contains("berth").doesNotContain("MARKER");
    }

    private HttpClient trusting() {
        return HttpClient.newBuilder().sslContext(tls.context()).build();
    }

    private static HttpRequest get(URI base, String path) {
        return HttpRequest.newBuilder(base.resolve(path)).build();
    }

    /** Without a configuration Java's authorities are trusted, which know nothing of the test's. */
    private static TlsConfigurationRegistry nobody() {
        return new TlsConfigurationRegistry() {
            @Override
            public Optional<TlsConfiguration> get(String name) {
                return Optional.empty();
            }

            @Override
            public Optional<TlsConfiguration> getDefault() {
                return Optional.empty();
            }

            @Override
            public void register(String name, TlsConfiguration configuration) {
                throw new UnsupportedOperationException();
            }
        };
    }
}
