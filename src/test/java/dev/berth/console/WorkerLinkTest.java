package dev.berth.console;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.security.LinkSignature;
import dev.berth.security.WorkerLinkConfig;
import dev.berth.testing.SettableClock;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may come in at a worker's own door. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
class WorkerLinkTest {
    private static final String NEXT = "0123456789abcdef0123456789abcdef";

    @TestHTTPResource("/")
    URI portal;

    @Inject
    LinkSignature signature;

    @Inject
    WorkerLink link;

    @Inject
    ConsoleFixture fixture;

    @Inject
    FakeScreens screens;

    @Inject
    SettableClock clock;

    @TempDir
    Path directory;

    private UUID machine;

    @BeforeEach
    void machine() {
        machine = fixture.machine(ConsoleFixture.NEAR);
        screens.show(machine, directory.resolve("nobody-listens"));
    }

    @AfterEach
    void backToNow() {
        clock.ahead(Duration.ZERO);
    }

    @Test
    void aSignatureOpensTheDoorOnce() {
        String header = signature.sign(WorkerLink.PURPOSE, machine);
        // 503: let in, and nobody listens on the socket.
        assertThat(knock(machine, header)).isEqualTo(503);
        assertThat(knock(machine, header)).as("replayed").isEqualTo(401);
    }

    @Test
    void aSignatureIsForOneMachine() {
        assertThat(knock(machine, signature.sign(WorkerLink.PURPOSE, UUID.randomUUID())))
                .isEqualTo(401);
    }

    @Test
    void anOldOrEarlySignatureIsRefused() {
        String header = signature.sign(WorkerLink.PURPOSE, machine);
        clock.ahead(Duration.ofSeconds(32));
        assertThat(knock(machine, header)).isEqualTo(401);
        String early = signature.sign(WorkerLink.PURPOSE, machine);
        clock.ahead(Duration.ofSeconds(-1));
        assertThat(knock(machine, early)).isEqualTo(401);
    }

    @Test
    void anotherSecretIsRefused() {
        var other = new LinkSignature(secrets(NEXT, ""), clock);
        assertThat(knock(machine, other.sign(WorkerLink.PURPOSE, machine))).isEqualTo(401);
    }

    /** Processes get the next secret one after another; each accepts the others' meanwhile. */
    @Test
    void secretsAreChangedInTurn() {
        LinkSignature before = new LinkSignature(secrets(ConsoleProfile.SECRET, NEXT), clock);
        LinkSignature after = new LinkSignature(secrets(NEXT, ConsoleProfile.SECRET), clock);
        assertThat(after.accepts(before.sign("p", machine), "p", machine)).isTrue();
        assertThat(before.accepts(after.sign("p", machine), "p", machine)).isTrue();
        assertThat(before.open("p", after.seal("p", new byte[] {7}))).contains(new byte[] {7});
        assertThat(signature.accepts(before.sign("p", machine), "p", machine)).isTrue();
        assertThat(signature.accepts(after.sign("p", machine), "p", machine)).isFalse();
        assertThat(signature.open("p", after.seal("p", new byte[] {7}))).isEmpty();
    }

    @Test
    void aWorkerThatSaysNothingIsNotWaitedForLong() throws Exception {
        // The kernel takes the connection; nobody ever reads from it.
        try (ServerSocket silent = new ServerSocket(0)) {
            var answer = link.connect("http://localhost:" + silent.getLocalPort(), machine)
                    .toCompletionStage()
                    .toCompletableFuture();
            assertThatThrownBy(() -> answer.get(1, TimeUnit.MINUTES)).hasCauseInstanceOf(ConsoleException.class);
        }
    }

    @Test
    void weakSecretsAreRefused() {
        for (String weak : List.of("brief", "a".repeat(64), "abcabc".repeat(10))) {
            assertThatThrownBy(() -> new LinkSignature(secrets(weak, ""), clock))
                    .hasMessageContaining("berth.worker.secret")
                    .hasMessageNotContaining(weak);
            assertThatThrownBy(() -> new LinkSignature(secrets(NEXT, weak), clock))
                    .hasMessageContaining("berth.worker.previous-secret");
        }
    }

    private static WorkerLinkConfig secrets(String secret, String previous) {
        return new WorkerLinkConfig() {
            @Override
            public Optional<String> secret() {
                return Optional.of(secret);
            }

            @Override
            public Optional<String> previousSecret() {
                return Optional.of(previous).filter(text -> !text.isEmpty());
            }
        };
    }

    @Test
    void nonsenseIsRefused() {
        String header = signature.sign(WorkerLink.PURPOSE, machine);
        assertThat(knock(machine, header.substring(0, header.length() - 1) + "!"))
                .isEqualTo(401);
        assertThat(knock(machine, "")).isEqualTo(401);
        assertThat(given().get(WorkerLink.PATH + machine).statusCode()).isEqualTo(401);
        assertThat(given().get(WorkerLink.PATH + "..%2f").statusCode()).isEqualTo(401);
    }

    @Test
    void aNonceIsRememberedAsLongAsItsSignatureIsGood() {
        clock.ahead(Duration.ofSeconds(29));
        String header = signature.sign(WorkerLink.PURPOSE, machine);
        clock.ahead(Duration.ZERO);
        assertThat(signature.accepts(header, WorkerLink.PURPOSE, machine)).isTrue();
        clock.ahead(Duration.ofSeconds(58));
        assertThat(signature.accepts(header, WorkerLink.PURPOSE, machine)).isFalse();
    }

    private int knock(UUID id, String header) {
        return given().header("Upgrade", WorkerLink.PROTOCOL)
                .header("Connection", "Upgrade")
                .header(LinkSignature.HEADER, header)
                .get(portal.resolve(WorkerLink.PATH + id))
                .statusCode();
    }
}
