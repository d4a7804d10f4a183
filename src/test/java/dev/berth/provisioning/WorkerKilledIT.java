package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Nft;
import dev.berth.testing.Virsh;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A worker that is killed after each step of making and of deleting a machine, between the step's work and the note
 * that it is done. Each next worker carries on where the last one died, and dies one step later.
 */
@Tag("fault")
class WorkerKilledIT {
    @Test
    void machineEndsAsWantedWhereverItsWorkerDies() throws Exception {
        try (Installation berth = Installation.start()) {
            BerthProcess first = berth.worker(Step.TO_RUNNING.get(0).name());
            berth.awaitHost();
            String machine = berth.request("killed").get("machineId").asText();
            die(first, Step.TO_RUNNING.get(0));
            for (Step step : Step.TO_RUNNING.subList(1, Step.TO_RUNNING.size())) {
                die(berth.worker(step.name()), step);
            }
            try (BerthProcess worker = berth.worker("").awaitReady()) {
                JsonNode running = berth.await(machine, "RUNNING");
                assertThat(running.get("failure").asText("")).isEmpty();
                assertThat(Virsh.run("domstate", machine)).isEqualTo("running");
                assertThat(Virsh.domains().stream().filter(machine::equals)).hasSize(1);
                assertThat(berth.files().filter(file -> file.contains(machine)))
                        .as("one disk, one seed, one console socket")
                        .hasSize(3);
                assertThat(Virsh.run("net-dumpxml", berth.network())
                                .lines()
                                .filter(line -> line.contains("<host mac='52:54")))
                        .hasSize(1);
                assertThat(berth.ledger()).isEqualTo(List.of("disk_gib=1", "machines=1", "memory_mib=96", "vcpus=1"));
                assertThat(berth.drift()).isEmpty();
            }

            berth.alice()
                    .post("machines/" + machine + "/forwards", Map.of("guestPort", 22))
                    .ok();
            assertThat(berth.ledger()).contains("forwards=1");
            berth.alice().delete("machines/" + machine).ok();
            for (Step step : Step.TO_GONE) {
                die(berth.worker(step.name()), step);
            }
            try (BerthProcess worker = berth.worker("").awaitReady()) {
                berth.await(machine, "GONE");
                assertThat(Virsh.domains()).doesNotContain(machine);
                assertThat(berth.files().filter(file -> file.contains(machine))).isEmpty();
                assertThat(Virsh.run("net-dumpxml", berth.network())).doesNotContain("<host mac='52:54");
                assertThat(Nft.table(Nft.ofInstallation(berth.installationId())))
                        .doesNotContain("elements");
                assertThat(berth.ledger()).isEmpty();
                assertThat(berth.drift()).isEmpty();
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(berth.jobs()).isZero());
            }
        }
    }

    private static void die(BerthProcess worker, Step step) {
        worker.awaitLog("HOLD after " + step.name());
        worker.kill();
    }
}
