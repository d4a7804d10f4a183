package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A worker that is killed after each step of adding and of removing a network card, as in {@link WorkerKilledIT}. */
@Tag("fault")
@Tag("long")
class CardsKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<Step> ADDING =
            List.of(Step.CARD_NETWORK, Step.CARD_ADDRESS, Step.CARD_DEFINE, Step.CARD_PLUG);
    private static final List<Step> REMOVING = List.of(Step.CARD_DEFINE, Step.CARD_UNPLUG, Step.CARD_RELEASE);

    @Test
    void cardEndsAsWantedWhereverItsWorkerDies() throws Exception {
        try (Installation berth = Installation.start()) {
            String machine;
            try (BerthProcess worker = berth.worker("")) {
                berth.awaitHost();
                machine = berth.request("cards").get("machineId").asText();
                // The guest is up, so that it can let go of the card.
                await().atMost(PATIENCE).until(() -> !berth.alice()
                        .get("machines/" + machine)
                        .ok()
                        .get("address")
                        .isNull());
            }
            long taps = taps(machine);

            JsonNode card = berth.alice()
                    .post("machines/" + machine + "/nics", Map.of("network", berth.tag()))
                    .ok();
            ADDING.forEach(step -> die(berth, step));
            try (BerthProcess worker = berth.worker("")) {
                await().atMost(PATIENCE)
                        .until(() -> nics(berth, machine).size() == 2
                                && nics(berth, machine)
                                        .get(1)
                                        .get("state")
                                        .asText()
                                        .equals("present"));
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
            }
            String mac = card.get("mac").asText();
            assertThat(taps(machine)).isEqualTo(taps + 1);
            assertThat(occurrences(Virsh.run("dumpxml", machine), mac)).isEqualTo(1);
            assertThat(occurrences(Virsh.run("dumpxml", "--inactive", machine), mac))
                    .isEqualTo(1);
            assertThat(occurrences(Virsh.run("net-dumpxml", berth.network()), mac))
                    .isEqualTo(1);

            berth.alice()
                    .delete("machines/" + machine + "/nics/" + card.get("id").asText())
                    .ok();
            REMOVING.forEach(step -> die(berth, step));
            try (BerthProcess worker = berth.worker("")) {
                await().atMost(PATIENCE).until(() -> nics(berth, machine).size() == 1);
                await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
                assertThat(taps(machine)).isEqualTo(taps);
                assertThat(Virsh.run("dumpxml", machine)).doesNotContain(mac);
                assertThat(Virsh.run("dumpxml", "--inactive", machine)).doesNotContain(mac);
                assertThat(Virsh.run("net-dumpxml", berth.network())).doesNotContain(mac);
                assertThat(berth.query("select mac from mac_address where released_at is not null"))
                        .containsExactly(mac);
                assertThat(berth.query("select state from machine")).containsExactly("RUNNING");
                assertThat(berth.drift()).isEmpty();

                berth.alice().delete("machines/" + machine).ok();
                berth.await(machine, "GONE");
            }
        }
    }

    private static void die(Installation berth, Step step) {
        BerthProcess worker = berth.worker(step.name());
        worker.awaitLog("HOLD after " + step.name());
        worker.kill();
    }

    private static JsonNode nics(Installation berth, String machine) {
        return berth.alice().get("machines/" + machine + "/nics").ok().get("items");
    }

    /** How many devices of the host lead to the machine. */
    private static long taps(String machine) {
        return Virsh.run("domiflist", machine).lines().count();
    }

    private static int occurrences(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }
}
