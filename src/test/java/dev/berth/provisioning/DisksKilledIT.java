package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A worker is killed after each step of adding, growing, detaching and deleting a disk; the next one carries on. */
@Tag("fault")
@Tag("long")
class DisksKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<String> ADDING = List.of("DISK_PREPARE", "DISK_DEFINE", "DISK_PLUG");

    @Test
    void aDiskSurvivesItsWorkers() throws IOException {
        try (Installation berth = Installation.start()) {
            String machine;
            try (BerthProcess worker = berth.worker("")) {
                berth.awaitHost();
                machine = berth.request("disks").get("machineId").asText();
                // The guest is up, so that it can let go of the disk.
                await().atMost(PATIENCE).until(() -> !berth.alice()
                        .get("machines/" + machine)
                        .ok()
                        .get("address")
                        .isNull());
            }
            List<String> ledger = berth.ledger();

            JsonNode disk = berth.alice()
                    .post(
                            "machines/" + machine + "/disks",
                            Map.of("storage", berth.tag(), "sizeGib", 1, "name", "data-" + berth.tag()))
                    .ok();
            String path = "disks/" + disk.get("id").asText();
            String serial = disk.get("serial").asText();
            ADDING.forEach(step -> die(berth, step));
            settle(berth, path, "attached");
            assertThat(occurrences(Virsh.run("dumpxml", machine), serial)).isEqualTo(1);
            assertThat(occurrences(Virsh.run("dumpxml", "--inactive", machine), serial))
                    .isEqualTo(1);

            berth.alice().post(path + "/grow", Map.of("sizeGib", 2)).ok();
            die(berth, "DISK_PLUG");
            settle(berth, path, "attached");
            assertThat(Virsh.run("domblkinfo", machine, "vdb")).contains(String.valueOf(2L << 30));

            berth.alice().post(path + "/detach", Map.of()).ok();
            List.of("DISK_DEFINE", "DISK_UNPLUG", "DISK_RELEASE").forEach(step -> die(berth, step));
            settle(berth, path, "detached");
            assertThat(Virsh.run("dumpxml", machine)).doesNotContain(serial);

            berth.alice().post(path + "/grow", Map.of("sizeGib", 3)).ok();
            die(berth, "LOOSE_GROW");
            settle(berth, path, "detached");

            berth.alice().delete(path).ok();
            die(berth, "LOOSE_DELETE");
            try (BerthProcess worker = berth.worker("")) {
                await().atMost(PATIENCE)
                        .until(() -> berth.query("select name from disk").size() == 1);
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
                assertThat(berth.ledger()).isEqualTo(ledger);
                assertThat(berth.drift()).isEmpty();
                berth.alice().delete("machines/" + machine).ok();
                berth.await(machine, "GONE");
            }
        }
    }

    private static void settle(Installation berth, String path, String state) {
        try (BerthProcess worker = berth.worker("")) {
            await().atMost(PATIENCE)
                    .until(() ->
                            berth.alice().get(path).ok().get("state").asText().equals(state));
            await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
        }
    }

    private static void die(Installation berth, String step) {
        BerthProcess worker = berth.worker(step);
        worker.awaitLog("HOLD after " + step);
        worker.kill();
    }

    private static int occurrences(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }
}
