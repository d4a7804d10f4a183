package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.LiveTarget;
import dev.berth.testing.LoopDevice;
import dev.berth.testing.Virsh;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A worker that is killed after each step of moving a disk, and in the middle of the copy to each kind of storage, as in
 * {@link WorkerKilledIT}.
 */
@Tag("fault")
@Tag("long")
class MovesKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long DISK_BYTES = 1L << 30;

    @Test
    void theDiskIsWholeWhereverTheWorkerDies() throws Exception {
        try (Installation berth = Installation.start();
                LoopDevice loop = LoopDevice.make(DISK_BYTES);
                LoopDevice divided = LoopDevice.make(2 * DISK_BYTES);
                LiveTarget target = new LiveTarget()) {
            target.lun(DISK_BYTES, new byte[0]);
            target.start();
            String raw = berth.tag() + "raw";
            String block = berth.tag() + "block";
            String part = berth.tag() + "part";
            String lun = berth.tag() + "lun";
            Path moved = Path.of("/var/tmp/berth-it-" + berth.tag(), "moved");
            profile(berth, raw, "raw", Map.of("path", moved.toString()));
            profile(berth, block, "block", Map.of());
            profile(berth, part, "partition", Map.of("disks", divided.path()));
            String secret = profile(
                    berth,
                    lun,
                    "iscsi",
                    Map.of("portal", target.portal(), "target", LiveTarget.NAME, "user", LiveTarget.USER));
            try {
                offer(berth, List.of(berth.tag(), raw, block, part, lun));
                String machine;
                try (BerthProcess worker = berth.worker("")) {
                    worker.awaitReady();
                    berth.awaitHost();
                    berth.admin()
                            .put("storage-profiles/" + lun + "/secret", Map.of("secret", target.secret))
                            .ok();
                    register(berth, block, loop.path());
                    register(berth, lun, LiveTarget.NAME + "/1");
                    machine = berth.request("mover").get("machineId").asText();
                    berth.await(machine, "RUNNING");
                    berth.alice()
                            .post("machines/" + machine + "/stop?force=true", Map.of())
                            .ok();
                    berth.await(machine, "STOPPED");
                    await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
                }
                String toRaw = move(berth, machine, raw);
                dieWhen(berth, () -> disks(berth).size() == 2);
                List.of(Step.MOVE_COPY, Step.MOVE_VERIFY, Step.MOVE_DEFINE).forEach(step -> die(berth, step));
                finish(berth, machine, toRaw, "done");
                assertThat(definition(machine)).contains(moved.toString());
                assertThat(disks(berth)).hasSize(2);

                act(berth, machine, toRaw, "confirm");
                die(berth, Step.MOVE_CLEAN);
                finish(berth, machine, toRaw, "confirmed");
                assertThat(disks(berth)).singleElement().asString().startsWith(moved.toString());

                String toBlock = move(berth, machine, block);
                dieWhen(berth, () -> records(berth).contains("FILLING"));
                finish(berth, machine, toBlock, "done");
                assertThat(definition(machine)).contains(loop.path());
                act(berth, machine, toBlock, "confirm");
                finish(berth, machine, toBlock, "confirmed");
                assertThat(disks(berth)).isEmpty();

                String toPart = move(berth, machine, part);
                dieWhen(berth, () -> table(divided).contains("berth filling"));
                finish(berth, machine, toPart, "done");
                assertThat(definition(machine)).contains(divided.path());
                act(berth, machine, toPart, "confirm");
                finish(berth, machine, toPart, "confirmed");
                assertThat(records(berth)).isEmpty();

                String toLun = move(berth, machine, lun);
                dieWhen(berth, () -> records(berth).contains("FILLING"));
                finish(berth, machine, toLun, "done");
                assertThat(definition(machine)).contains(LiveTarget.NAME);
                act(berth, machine, toLun, "confirm");
                die(berth, Step.MOVE_CLEAN);
                finish(berth, machine, toLun, "confirmed");
                assertThat(records(berth)).containsExactly("WHOLE");
                assertThat(table(divided)).doesNotContain("berth");

                String back = move(berth, machine, berth.tag());
                dieWhen(berth, () -> disks(berth).size() == 1);
                finish(berth, machine, back, "done");
                assertThat(disks(berth)).hasSize(1);
                act(berth, machine, back, "undo");
                List.of(Step.MOVE_DEFINE, Step.MOVE_CLEAN).forEach(step -> die(berth, step));
                finish(berth, machine, back, "undone");
                assertThat(definition(machine)).contains(LiveTarget.NAME);
                assertThat(disks(berth)).isEmpty();
                assertThat(berth.query("select digest from disk_move group by digest"))
                        .as("the same bytes all the way")
                        .hasSize(1);
                assertThat(berth.drift()).isEmpty();

                berth.alice().delete("machines/" + machine).ok();
                dieWhen(berth, () -> records(berth).contains("WIPING"));
                try (BerthProcess worker = berth.worker("")) {
                    berth.await(machine, "GONE");
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(berth.query("select distinct state from device"))
                                    .containsExactly("FREE"));
                }
                assertThat(disks(berth)).isEmpty();
                assertThat(records(berth)).isEmpty();
            } finally {
                Virsh.attempt("pool-destroy", "berth-" + raw);
                Virsh.attempt("pool-undefine", "berth-" + raw);
                Virsh.attempt("secret-undefine", secret);
            }
        }
    }

    /** @return its id */
    private static String profile(Installation berth, String slug, String kind, Map<String, String> config) {
        berth.admin()
                .post(
                        "storage-profiles",
                        Map.of("slug", slug, "name", slug, "description", "", "kind", kind, "config", config))
                .ok();
        return berth.query("select id::text from storage_profile where slug = '" + slug + "'")
                .get(0);
    }

    private static void register(Installation berth, String profile, String path) {
        String host = berth.query("select name from host").get(0);
        String devices = "storage-profiles/" + profile + "/devices";
        String id = berth.admin()
                .post(devices, Map.of("host", host, "path", path))
                .ok()
                .get("id")
                .asText();
        await().atMost(PATIENCE).until(() -> berth.admin()
                .get(devices + "/" + id)
                .ok()
                .get("state")
                .asText()
                .equals("free"));
    }

    private static void offer(Installation berth, List<String> storage) {
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
                                storage,
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

    private static String definition(String machine) {
        return Virsh.run("dumpxml", "--inactive", machine);
    }

    /** Kills a worker as soon as this is so: in the middle of what it does. */
    private static void dieWhen(Installation berth, Callable<Boolean> moment) {
        try (BerthProcess worker = berth.worker("")) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .ignoreExceptions()
                    .until(moment);
            worker.kill();
        }
    }

    private static void die(Installation berth, Step step) {
        BerthProcess worker = berth.worker(step.name());
        worker.awaitLog("HOLD after " + step.name());
        worker.kill();
    }

    private static String table(LoopDevice disk) {
        return LoopDevice.must("sfdisk", "--dump", disk.path());
    }

    /** How far disks on whole devices are, as the workers of the host have noted. */
    private static List<String> records(Installation berth) {
        try {
            List<String> found = new ArrayList<>();
            for (String file : berth.files()
                    .filter(name -> name.contains("/worker/devices/") && !name.endsWith(".new"))
                    .toList()) {
                Files.readAllLines(Path.of(file)).stream()
                        .filter(line -> line.startsWith("state="))
                        .map(line -> line.substring("state=".length()))
                        .forEach(found::add);
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
