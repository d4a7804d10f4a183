package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A worker that is killed after each step of moving a disk, and in the middle of the copy, as in {@link WorkerKilledIT}. */
@Tag("fault")
@Tag("long")
class MovesKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void theDiskIsWholeWhereverTheWorkerDies() throws Exception {
        try (Installation berth = Installation.start()) {
            String raw = berth.tag() + "raw";
            Path moved = Path.of("/var/tmp/berth-it-" + berth.tag(), "moved");
            try {
                offer(berth, raw, moved);
                String machine;
                try (BerthProcess worker = berth.worker("")) {
                    berth.awaitHost();
                    machine = berth.request("mover").get("machineId").asText();
                    berth.await(machine, "RUNNING");
                    berth.alice()
                            .post("machines/" + machine + "/stop?force=true", Map.of())
                            .ok();
                    berth.await(machine, "STOPPED");
                    await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
                }
                String toRaw = move(berth, machine, raw);
                List.of(Step.MOVE_COPY, Step.MOVE_VERIFY, Step.MOVE_DEFINE).forEach(step -> die(berth, step));
                finish(berth, machine, toRaw, "done");
                assertThat(Virsh.run("dumpxml", "--inactive", machine)).contains(moved.toString());
                assertThat(disks(berth)).hasSize(2);

                act(berth, machine, toRaw, "confirm");
                die(berth, Step.MOVE_CLEAN);
                finish(berth, machine, toRaw, "confirmed");
                assertThat(disks(berth)).singleElement().asString().startsWith(moved.toString());

                String back = move(berth, machine, berth.tag());
                try (BerthProcess worker = berth.worker("")) {
                    await().atMost(PATIENCE)
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> disks(berth).size() == 2);
                    worker.kill();
                }
                finish(berth, machine, back, "done");
                assertThat(disks(berth)).hasSize(2);
                act(berth, machine, back, "undo");
                List.of(Step.MOVE_DEFINE, Step.MOVE_CLEAN).forEach(step -> die(berth, step));
                finish(berth, machine, back, "undone");
                assertThat(Virsh.run("dumpxml", "--inactive", machine)).contains(moved.toString());
                assertThat(disks(berth)).singleElement().asString().startsWith(moved.toString());
                assertThat(berth.query("select digest from disk_move group by digest"))
                        .as("the same bytes all the way")
                        .hasSize(1);
                assertThat(berth.drift()).isEmpty();

                berth.alice().delete("machines/" + machine).ok();
                try (BerthProcess worker = berth.worker("")) {
                    berth.await(machine, "GONE");
                }
                assertThat(disks(berth)).isEmpty();
            } finally {
                Virsh.attempt("pool-destroy", "berth-" + raw);
                Virsh.attempt("pool-undefine", "berth-" + raw);
            }
        }
    }

    private static void offer(Installation berth, String raw, Path moved) {
        berth.admin()
                .post(
                        "storage-profiles",
                        Map.of(
                                "slug",
                                raw,
                                "name",
                                "Raw",
                                "description",
                                "",
                                "kind",
                                "raw",
                                "config",
                                Map.of("path", moved.toString())))
                .ok();
        String tag = berth.tag();
        berth.admin()
                .post(
                        "templates/" + tag + "/revisions",
                        Map.of(
                                "image",
                                tag,
                                "sizes",
                                List.of(tag),
                                "networks",
                                List.of(tag),
                                "storage",
                                List.of(tag, raw),
                                "notes",
                                ""))
                .ok();
        berth.admin()
                .post("templates/" + tag + "/revisions/2/approve", Map.of())
                .ok();
    }

    private static String move(Installation berth, String machine, String storage) {
        String disk = berth.query("select id::text from disk").get(0);
        return berth.alice()
                .post("machines/" + machine + "/moves", Map.of("disk", disk, "storage", storage))
                .ok()
                .get("id")
                .asText();
    }

    private static void act(Installation berth, String machine, String move, String verb) {
        berth.alice()
                .post("machines/" + machine + "/moves/" + move + "/" + verb, Map.of())
                .ok();
    }

    private static void finish(Installation berth, String machine, String move, String state) {
        try (BerthProcess worker = berth.worker("")) {
            await().atMost(PATIENCE).until(() -> {
                JsonNode found = berth.alice()
                        .get("machines/" + machine + "/moves/" + move)
                        .ok();
                return found.get("state").asText().equals(state)
                        && !found.get("pending").asBoolean();
            });
            await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
        }
    }

    private static void die(Installation berth, Step step) {
        BerthProcess worker = berth.worker(step.name());
        worker.awaitLog("HOLD after " + step.name());
        worker.kill();
    }

    /** Files that are disks of machines, whole or not. */
    private static List<String> disks(Installation berth) {
        try {
            return berth.files()
                    .filter(file -> file.contains(".raw") || file.contains(".qcow2"))
                    .filter(file -> !file.contains("/images/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
