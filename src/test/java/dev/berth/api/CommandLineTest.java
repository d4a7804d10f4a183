package dev.berth.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.security.Scope;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/berth} against a portal whose host is on paper: what is asked for is wanted, and stays so. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class CommandLineTest {
    private static final int REFUSED = 1;
    private static final int MISUSED = 2;
    private static final int NOT_SIGNED_IN = 3;
    private static final int NOT_FOUND = 4;
    private static final int WAITED_IN_VAIN = 5;
    private static final int UNREACHABLE = 6;

    @Inject
    Portal portal;

    @TempDir
    Path home;

    private String tenant;
    private String user;
    private String url;

    /** What a call said and how it ended. */
    private record Said(int status, String out, String error) {
        Said endsWith(int expected) {
            assertThat(status).as(out + error).isEqualTo(expected);
            return this;
        }

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(endsWith(0).out());
            } catch (IOException e) {
                throw new AssertionError(out, e);
            }
        }
    }

    @BeforeEach
    void make() {
        portal.make();
        url = "http://localhost:" + RestAssured.port;
        tenant = portal.tenant(5);
        user = tenant + "-user";
    }

    private Said berth(String input, Map<String, String> environment, String... words) {
        List<String> command = new ArrayList<>(List.of("deploy/berth"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("BERTH_") || name.startsWith("XDG_"));
        builder.environment().put("HOME", home.toString());
        builder.environment().putAll(environment);
        try {
            Path out = Files.createTempFile(home, "said", ".out");
            Path error = Files.createTempFile(home, "said", ".err");
            Path in = Files.writeString(Files.createTempFile(home, "said", ".in"), input);
            Process process = builder.redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(error.toFile())
                    .start();
            if (!process.waitFor(3, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("It hangs: " + command);
            }
            return new Said(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(error, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Said berth(String... words) {
        return berth("", Map.of(), words);
    }

    private Map<String, String> as(String token) {
        return Map.of("BERTH_URL", url, "BERTH_TOKEN", token);
    }

    @Test
    void asksForAMachineAndFollowsIt() throws IOException {
        String token = portal.token(user, Set.of(Scope.MACHINES), null);
        assertThat(berth("list").endsWith(NOT_SIGNED_IN).error()).contains("Sign in first");
        assertThat(berth(token + "\n", Map.of(), "login", url).endsWith(0).out())
                .contains("Signed in as " + user)
                .doesNotContain(token);
        Path config = home.resolve(".config/berth/config");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
                .isEqualTo("rw-------");
        assertThat(berth("whoami").endsWith(0).out()).contains(user, tenant + ": member");
        assertThat(berth("list").endsWith(0).out()).contains("There are no machines.");

        JsonNode asked = berth(
                        "request",
                        "build-1",
                        "--template",
                        Portal.TEMPLATE,
                        "--size",
                        "tiny",
                        "--lease",
                        "1d",
                        "--reason",
                        "It's \"quoted\" & ; $(odd)",
                        "--json")
                .json();
        assertThat(asked.path("state").asText()).isEqualTo("APPROVED");
        assertThat(asked.path("machine").path("leaseHours").asInt()).isEqualTo(24);
        assertThat(asked.path("reason").asText()).isEqualTo("It's \"quoted\" & ; $(odd)");
        String id = asked.path("machineId").asText();

        assertThat(berth("wait", "build-1", "provisioning").endsWith(0).out()).contains("provisioning");
        assertThat(berth("wait", "build-1", "running", "--timeout", "1")
                        .endsWith(WAITED_IN_VAIN)
                        .error())
                .contains("build-1 is provisioning, not running");
        assertThat(berth("list").endsWith(0).out()).containsPattern("build-1 +provisioning .*" + tenant);
        assertThat(berth("list", "--tenant", tenant, "--json")
                        .json()
                        .get(0)
                        .path("id")
                        .asText())
                .isEqualTo(id);
        assertThat(berth("show", "build-1").endsWith(0).out()).contains(id, "state", "provisioning");
        assertThat(berth("show", id, "--json").json().path("name").asText()).isEqualTo("build-1");
        assertThat(berth("console", "build-1").endsWith(0).out().strip())
                .isEqualTo(url + "/t/" + tenant + "/machines/" + id + "/console");
        // Each of them is the worker's to do, and there is none.
        for (String verb : List.of("stop", "start")) {
            Said said = berth(verb, "build-1");
            assertThat(said.status()).as(said.error()).isIn(0, REFUSED);
        }
        assertThat(berth("delete", "build-1", "--json").json().path("wanted").asText())
                .isEqualTo("GONE");
        assertThat(berth("show", "build-2").endsWith(NOT_FOUND).error()).contains("no machine named build-2");
        assertThat(berth("wait", "build-2", "gone").endsWith(0).out()).contains("no machine named build-2");

        assertThat(berth("logout").endsWith(0).out()).contains("Forgotten");
        assertThat(config).doesNotExist();
    }

    @Test
    void othersDecide() {
        Map<String, String> asker = as(portal.token(user, Set.of(Scope.MACHINES), null));
        Map<String, String> admin = as(portal.token("admin", Set.of(Scope.MACHINES, Scope.APPROVE, Scope.ADMIN), null));
        for (String name : List.of(tenant + "-a", tenant + "-b")) {
            assertThat(berth("", asker, "request", name, "--template", "linux", "--size", "medium")
                            .endsWith(0)
                            .out())
                    .contains("pending");
        }
        assertThat(berth("", asker, "approve", tenant + "-a").endsWith(REFUSED).error())
                .contains("lacks the scope approve");
        assertThat(berth("", admin, "deny", tenant + "-b").endsWith(MISUSED).error())
                .contains("--reason");
        assertThat(berth("", admin, "deny", tenant + "-b", "--reason", "Try a small one.")
                        .endsWith(0)
                        .out())
                .contains("denied", "Try a small one.");
        assertThat(berth("", admin, "approve", tenant + "-a").endsWith(0).out()).contains("approved");
        assertThat(berth("", admin, "approve", tenant + "-a")
                        .endsWith(NOT_FOUND)
                        .error())
                .contains("No pending request");
        assertThat(berth("", asker, "requests").endsWith(0).out())
                .containsPattern(tenant + "-a +approved")
                .containsPattern(tenant + "-b +denied");
    }

    @Test
    void saysWhatIsWrong() {
        Map<String, String> asker = as(portal.token(user, Set.of(Scope.MACHINES), null));
        assertThat(berth("--help").endsWith(0).out()).contains("Exit status");
        assertThat(berth("fly").endsWith(MISUSED).error()).contains("no command fly");
        assertThat(berth("", asker, "wait", "x", "flying").endsWith(MISUSED).error())
                .contains("never flying");
        assertThat(berth("", asker, "request", "Not A Name", "--template", "linux", "--lease", "9999d")
                        .endsWith(REFUSED)
                        .error())
                .contains("name: Use 1 to");
        assertThat(berth("", as("berth_" + "A".repeat(43)), "list")
                        .endsWith(NOT_SIGNED_IN)
                        .error())
                .contains("This token is wrong");
        assertThat(berth("", as("berth_\nurl=x"), "list")
                        .endsWith(NOT_SIGNED_IN)
                        .error())
                .contains("no token");
        assertThat(berth(
                                "",
                                Map.of("BERTH_URL", "http://localhost:1", "BERTH_TOKEN", "berth_" + "A".repeat(43)),
                                "list")
                        .endsWith(UNREACHABLE)
                        .error())
                .contains("can't be reached");
    }
}
