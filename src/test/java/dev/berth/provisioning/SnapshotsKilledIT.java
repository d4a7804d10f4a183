package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A snapshot and a clone end as wanted wherever their worker dies: each once, and nothing left. */
@Tag("fault")
@Tag("long")
class SnapshotsKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Test
    void snapshotsAndClonesEndAsWantedWhereverTheirWorkerDies() throws Exception {
        try (Installation berth = Installation.start()) {
            String machine;
            try (BerthProcess worker = berth.worker("")) {
                berth.awaitHost();
                machine = berth.request("kept").get("machineId").asText();
                berth.await(machine, "RUNNING");
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
            }
            String path = "machines/" + machine + "/snapshots";
            String snapshot = berth.alice()
                    .post(path, Map.of("name", "before"))
                    .ok()
                    .get("id")
                    .asText();
            die(berth, Step.SNAPSHOT_TAKE);
            try (BerthProcess worker = berth.worker("")) {
                await().atMost(PATIENCE)
                        .until(() -> state(berth, path, snapshot).equals("ready"));
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
                assertThat(Virsh.run("domstate", machine)).isEqualTo("running");
            }

            berth.alice()
                    .post(path + "/" + snapshot + "/revert", Map.of("restart", true))
                    .ok();
            die(berth, Step.POWER_OFF);
            die(berth, Step.SNAPSHOT_REVERT);
            String clone;
            try (BerthProcess worker = berth.worker("")) {
                await().atMost(PATIENCE)
                        .until(() -> state(berth, path, snapshot).equals("ready"));
                berth.await(machine, "RUNNING");
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
            }
            Map<String, Object> ask = new HashMap<>(Map.of(
                    "size",
                    berth.tag(),
                    "name",
                    "copy",
                    "network",
                    berth.tag(),
                    "storage",
                    berth.tag(),
                    "leaseHours",
                    24));
            clone = berth.alice()
                    .post(path + "/" + snapshot + "/clone", ask)
                    .ok()
                    .get("machineId")
                    .asText();
            die(berth, Step.DISK_FILL);
            try (BerthProcess worker = berth.worker("")) {
                berth.await(clone, "RUNNING");
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
            }

            berth.alice().delete(path + "/" + snapshot).ok();
            die(berth, Step.SNAPSHOT_DELETE);
            try (BerthProcess worker = berth.worker("")) {
                await().atMost(PATIENCE)
                        .until(() -> berth.alice().get(path).ok().get("items").isEmpty());
                assertThat(berth.query("select count(*) from snapshot_disk")).containsExactly("0");
                assertThat(berth.ledger()).noneMatch(line -> line.startsWith("snapshots"));
                for (String each : new String[] {machine, clone}) {
                    berth.alice().delete("machines/" + each).ok();
                    berth.await(each, "GONE");
                }
                assertThat(berth.drift()).isEmpty();
                assertThat(berth.files().filter(file -> file.contains("/disks/")))
                        .isEmpty();
            }
        }
    }

    private static String state(Installation berth, String path, String snapshot) {
        for (JsonNode each : berth.alice().get(path).ok().get("items")) {
            if (each.get("id").asText().equals(snapshot)) {
                return each.get("state").asText();
            }
        }
        return "";
    }

    private static void die(Installation berth, Step step) {
        BerthProcess worker = berth.worker(step.name());
        worker.awaitLog("HOLD after " + step.name());
        worker.kill();
    }
}
