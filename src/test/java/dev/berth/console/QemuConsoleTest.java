package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.security.Credential;
import dev.berth.tenancy.Tenants;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QEMU's own VNC server behind the relay: its firmware's text arrives as pixels. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
class QemuConsoleTest {
    @TestHTTPResource("/")
    URI portal;

    @Inject
    ConsoleFixture fixture;

    @Inject
    ConsoleTickets tickets;

    @Inject
    Tenants tenants;

    @Inject
    FakeScreens screens;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {ConsoleFixture.NEAR, ConsoleFixture.FAR})
    void showsTheFirmwaresScreen(String host) throws Exception {
        UUID machine = fixture.machine(host);
        fixture.workerUrl(ConsoleFixture.FAR, portal.toString());
        try (QemuScreen qemu = new QemuScreen(directory)) {
            screens.show(machine, qemu.socket());
            await().ignoreExceptions().untilAsserted(() -> {
                try (ConsoleClient browser = open(machine)) {
                    Rfb rfb = new Rfb(browser).connect();
                    assertThat(rfb.width()).isGreaterThanOrEqualTo(640);
                    assertThat(lit(rfb.screen())).as("lit pixels").isGreaterThan(500);
                }
            });
        }
    }

    @Test
    void twoPeopleSeeOneScreenUntilItGoesOff() throws Exception {
        UUID machine = fixture.machine(ConsoleFixture.NEAR);
        try (QemuScreen qemu = new QemuScreen(directory);
                ConsoleClient one = openAt(machine, qemu, ConsoleMode.VIEW);
                ConsoleClient two = openAt(machine, qemu, ConsoleMode.CONTROL)) {
            Rfb viewer = new Rfb(one).connect();
            viewer.key(0xff0d);
            assertThat(viewer.screen()).isNotEmpty();
            Rfb second = new Rfb(two).connect();
            second.key(0xff0d);
            assertThat(second.screen()).isNotEmpty();
            screens.switchOff(machine);
            qemu.close();
            assertThat(one.ending().code()).isEqualTo(4004);
            assertThat(two.ending().code()).isEqualTo(4004);
        }
    }

    private ConsoleClient openAt(UUID machine, QemuScreen qemu, ConsoleMode mode) {
        screens.show(machine, qemu.socket());
        return open(machine, mode);
    }

    private ConsoleClient open(UUID machine) {
        return open(machine, ConsoleMode.CONTROL);
    }

    private ConsoleClient open(UUID machine, ConsoleMode mode) {
        return ConsoleClient.open(
                portal,
                tickets.issue(tenants.caller("alice", "test"), Credential.password(), machine, ConsoleMode.CONTROL)
                        .url());
    }

    private static int lit(byte[] pixels) {
        int lit = 0;
        for (int i = 0; i < pixels.length; i += 4) {
            lit += pixels[i] != 0 || pixels[i + 1] != 0 || pixels[i + 2] != 0 ? 1 : 0;
        }
        return lit;
    }
}
