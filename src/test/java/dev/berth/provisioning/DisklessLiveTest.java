package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Boot;
import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.Templates;
import dev.berth.hypervisor.LibvirtSchema;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Snapshots;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Agent;
import dev.berth.testing.Nft;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Machines without a disk: from a kernel of the library, and from a boot server on their network. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class DisklessLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String COMMAND_LINE =
            "rdinit=/start console=ttyS0 net.ifnames=0 quiet mitigations=off berth.from=";

    /** QEMU's and the TFTP server's users have to get through to it. */
    private final Path directory =
            Path.of("/var/tmp/berth-test-boot-" + ProcessHandle.current().pid());

    private final String slug = "b%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
    private final List<UUID> made = new ArrayList<>();

    @Inject
    World world;

    @Inject
    Images images;

    @Inject
    Sizes sizes;

    @Inject
    NetworkProfiles networks;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @Inject
    Machines machines;

    @Inject
    Disks disks;

    @Inject
    Snapshots snapshots;

    @AfterEach
    void nothingIsLeft() throws IOException {
        try {
            made.forEach(world::delete);
            assertThat(world.used())
                    .allSatisfy((resource, used) ->
                            assertThat(used).as(resource.label()).isZero());
            assertThat(world.drift()).isEmpty();
            assertThat(Virsh.run("list", "--all", "--uuid")).doesNotContain(ids());
            assertThat(filesOf(made)).isEmpty();
        } finally {
            if (Virsh.run("net-list", "--all", "--name").contains("berth-" + slug)) {
                Nft.remove(Nft.ofNetwork("berth-" + slug));
            }
            Virsh.attempt("net-destroy", "berth-" + slug);
            Virsh.attempt("net-undefine", "berth-" + slug);
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
            world.takeAway();
        }
    }

    private List<String> ids() {
        List<String> ids = new ArrayList<>(made.stream().map(UUID::toString).toList());
        ids.add("no machine");
        return ids;
    }

    /** What the worker keeps of these machines. */
    private static List<Path> filesOf(List<UUID> ids) throws IOException {
        try (Stream<Path> files = Files.walk(WorkerProfile.DIRECTORY.resolve("worker"))) {
            return files.filter(file -> ids.stream()
                            .anyMatch(id -> file.getFileName().toString().contains(id.toString())))
                    .toList();
        }
    }

    @Test
    void startsFromAKernelAndFromTheNetwork() throws Exception {
        world.make(WorkerProfile.DIRECTORY);
        takeTheGuestApart();
        sizes.create(BERTH, slug, "Memory", 1, 192, 1);
        String subnet = "10.220." + ThreadLocalRandom.current().nextInt(256);
        networks.create(
                BERTH,
                slug,
                "Boot",
                "",
                "nat",
                Map.of(
                        "cidr", subnet + ".0/24",
                        "rangeStart", subnet + ".10",
                        "rangeEnd", subnet + ".50",
                        "bootFile", "boot.ipxe",
                        "bootDirectory", directory.toString()));
        UUID fromKernel = request(
                "kernel",
                new Templates.BootDraft(
                        Boot.From.KERNEL, "", slug + "-kernel", slug + "-initrd", COMMAND_LINE + "library"));
        UUID fromNetwork = request("network", new Templates.BootDraft(Boot.From.NETWORK, "", "", "", ""));

        world.await(fromKernel, MachineState.RUNNING);
        world.await(fromNetwork, MachineState.RUNNING);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 0L).containsEntry(Resource.MACHINES, 2L);
        assertThat(world.machine(fromKernel).diskless()).isTrue();
        assertThat(disks.list(world.alice(), fromKernel)).isEmpty();
        LibvirtSchema.assertValid("domain", Virsh.run("dumpxml", "--inactive", fromKernel.toString()));
        LibvirtSchema.assertValid("network", Virsh.run("net-dumpxml", "--inactive", "berth-" + slug));
        assertThat(snapshots.offer(world.alice(), fromKernel).problem()).contains("no disk");

        Agent.await(fromKernel);
        assertThat(Agent.run(fromKernel, "cat /proc/cmdline; hostname")).contains("berth.from=library", "kernel");
        Disk added =
                disks.add(world.alice(), fromKernel, new Disks.Wish(world.tag(), 1, "data-" + slug), UUID.randomUUID());
        await().atMost(PATIENCE)
                .until(() -> disks.get(world.alice(), added.id()).state() == Disk.State.ATTACHED);
        await("the guest to see its data disk")
                .atMost(PATIENCE)
                .until(() -> Agent.run(fromKernel, "cat /sys/block/vd*/serial").contains(added.serial()));
        disks.delete(world.alice(), added.id());
        await().atMost(PATIENCE).until(() -> world.used().get(Resource.DISK_GIB) == 0);

        machines.stop(world.alice(), fromKernel, true);
        world.await(fromKernel, MachineState.STOPPED);
        machines.start(world.alice(), fromKernel);
        world.await(fromKernel, MachineState.RUNNING);
        Agent.await(fromNetwork);
        assertThat(Agent.run(fromNetwork, "cat /proc/cmdline; hostname")).contains("berth.from=network");
        world.awaitMachine(fromNetwork, machine -> machine.address() != null);
        Agent.await(fromKernel);
    }

    private void takeTheGuestApart() throws Exception {
        Process process = new ProcessBuilder("deploy/guest/diskless.sh", World.GUEST.toString(), directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        Files.writeString(
                directory.resolve("boot.ipxe"),
                "#!ipxe\nkernel kernel " + COMMAND_LINE + "network\ninitrd initrd\nboot\n");
        for (String file : List.of("kernel", "initrd")) {
            Path copy = Files.copy(directory.resolve(file), directory.resolve(file + ".upload"));
            images.importUpload(BERTH, new Images.Draft(slug + "-" + file, "", file), copy);
        }
    }

    private UUID request(String name, Templates.BootDraft boot) {
        String template = slug + "-" + name;
        templates.create(BERTH, template, "Diskless " + template, "", new Policy(2, 1_024, 0, 48, 720));
        templates.revise(
                BERTH,
                template,
                new Templates.RevisionDraft(boot, List.of(slug), List.of(slug), List.of(world.tag()), ""));
        templates.setState(BERTH, template, 1, RevisionState.APPROVED);
        var request = requests.create(
                world.alice(),
                world.tenant().slug(),
                new Ask(template, slug, name, slug, "", List.of(), "", 24, "test"),
                null);
        assertThat(request.open()).as(request.whyApproval()).isFalse();
        made.add(request.machineId());
        return request.machineId();
    }
}
