package dev.berth.provisioning;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.security.Caller;
import dev.berth.security.LinkSignature;
import dev.berth.testing.EveryText;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A secret gets to the host's own store, by both ways there are, and stays nowhere else. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class StorageSecretsTest {
    private static final Caller BERTH = Caller.system("test");

    @TestHTTPResource("/")
    URI portal;

    @Inject
    StorageSecrets secrets;

    @Inject
    SecretLink link;

    @Inject
    LinkSignature signature;

    @Inject
    StorageProfiles profiles;

    @Inject
    Hosts hosts;

    @Inject
    EveryText everyText;

    private final String secret = "chap-" + UUID.randomUUID();
    private Profile profile;
    private Host host;

    @BeforeEach
    void make() {
        host = await().atMost(Duration.ofMinutes(2))
                .until(() -> hosts.list().stream().filter(Host::takesMachines).findFirst(), found -> found.isPresent())
                .orElseThrow();
        profile = profiles.create(
                BERTH,
                "s" + UUID.randomUUID().toString().substring(0, 8),
                "LUNs",
                "",
                "iscsi",
                // Nothing listens there.
                Map.of("portal", "127.0.0.1:1", "target", "iqn.2026-01.dev.berth:none", "user", "berth"));
    }

    @AfterEach
    void retire() {
        profiles.retire(BERTH, profile.slug());
        Virsh.attempt("secret-undefine", profile.id().toString());
    }

    @Test
    void goesToTheHostAndNowhereElse() {
        List<StorageSecrets.Kept> kept = secrets.keep(BERTH, profile.slug(), secret);
        assertThat(kept).containsExactly(new StorageSecrets.Kept(host.name(), ""));
        assertThat(kept()).isEqualTo(secret);
        assertThat(everyText.ofDatabase()).contains("storage-profile.secret").doesNotContain(secret);
    }

    @Test
    void getsToAnotherProcessSealed() {
        Host away = hostAt(portal.toString());
        assertThat(link.send(away, profile, secret.getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(kept()).isEqualTo(secret);

        assertThat(link.send(hostAt("http://127.0.0.1:1"), profile, new byte[12]))
                .contains("could not be reached");
        String sealed = signature.seal(SecretLink.PURPOSE, "another-secret".getBytes(StandardCharsets.UTF_8));
        assertThat(sealed).doesNotContain("another-secret");
        String header = signature.sign(SecretLink.PURPOSE, SecretLink.subject(host.name(), profile.id(), sealed));
        assertThat(knock(header, sealed.replace(sealed.charAt(30), 'f') + "00")).isEqualTo(401);
        assertThat(knock("", sealed)).isEqualTo(401);
        assertThat(knock(header, sealed)).isEqualTo(204);
        assertThat(knock(header, sealed)).as("replayed").isEqualTo(401);
        assertThat(knock(header, "x".repeat(5000))).isEqualTo(413);
    }

    private int knock(String header, String body) {
        return given().header(LinkSignature.HEADER, header)
                .contentType("text/plain")
                .body(body)
                .post(SecretLink.PATH + host.name() + '/' + profile.id())
                .statusCode();
    }

    private Host hostAt(String url) {
        hosts.register(host.name(), "qemu:///system", url);
        Host registered = hosts.find(host.id()).orElseThrow();
        hosts.register(host.name(), "qemu:///system", "");
        return registered;
    }

    private String kept() {
        return Virsh.run("secret-get-value", "--plain", profile.id().toString()).strip();
    }
}
