package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Nft;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A worker that is killed while it opens and while it closes a port, between the rules and the note that they are there. */
@Tag("fault")
@Tag("long")
class PortsKilledIT {
    private static final Duration SOON = Duration.ofMinutes(1);

    @Test
    void portsEndAsWantedWhereverTheWorkerDies() throws Exception {
        try (Installation berth = Installation.start()) {
            String table = Nft.ofInstallation(berth.installationId());
            String machine;
            try (BerthProcess worker = berth.worker("").awaitReady()) {
                berth.awaitHost();
                machine = berth.request("ports").get("machineId").asText();
                berth.await(machine, "RUNNING");
            }

            String forwards = "machines/" + machine + "/forwards";
            JsonNode port =
                    berth.alice().post(forwards, Map.of("guestPort", 22)).ok();
            String element = "tcp . " + port.get("hostPort").asInt() + " : ";
            dies(berth.worker("PORTS"));
            assertThat(Nft.table(table)).containsOnlyOnce(element);
            assertThat(state(berth, forwards)).isEqualTo("OPENING");
            try (BerthProcess worker = berth.worker("").awaitReady()) {
                await().atMost(SOON).until(() -> state(berth, forwards).equals("OPEN"));
                assertThat(Nft.table(table)).containsOnlyOnce(element);
            }
            assertThat(Nft.table(table))
                    .as("a worker that stops leaves ports open")
                    .containsOnlyOnce(element);

            berth.alice().delete(forwards + "/" + port.get("id").asText()).ok();
            dies(berth.worker("PORTS"));
            try (BerthProcess worker = berth.worker("").awaitReady()) {
                await().atMost(SOON).until(() -> !Nft.table(table).contains("elements"));
                assertThat(berth.ledger()).doesNotContain("forwards=1");
                berth.alice().delete("machines/" + machine).ok();
                berth.await(machine, "GONE");
                assertThat(berth.ledger()).isEmpty();
                assertThat(berth.drift()).isEmpty();
            }
        }
    }

    private static void dies(BerthProcess worker) {
        worker.awaitLog("HOLD after PORTS");
        worker.kill();
    }

    private static String state(Installation berth, String forwards) {
        return berth.alice().get(forwards).ok().get("items").get(0).get("state").asText();
    }
}
