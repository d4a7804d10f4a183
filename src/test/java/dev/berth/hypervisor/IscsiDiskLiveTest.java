package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.testing.LiveTarget;
import dev.berth.testing.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code iscsi} disk on a real target with CHAP: what a guest finds, and what is left when it is gone. */
@Tag("hypervisor")
class IscsiDiskLiveTest {
    private static final long GIB = 1L << 30;
    private static final BaseImage BASE = new BaseImage(World.GUEST.toString(), "qcow2");
    private static final String EARLIER = "bytes-of-an-earlier-tenant";
    private static final String MARKER = "marker-of-this-tenant";

    private LiveHost host;
    private Hypervisor hypervisor;
    private LiveTarget target;
    private StorageSpec storage;
    private Path lun;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
        target = new LiveTarget(host.directory);
        lun = target.lun(GIB, EARLIER.getBytes(StandardCharsets.UTF_8));
        storage = new StorageSpec(
                UUID.randomUUID(),
                host.storage.slug() + "iscsi",
                "iscsi",
                Map.of("portal", target.portal(), "target", LiveTarget.NAME, "user", LiveTarget.USER));
        target.start();
    }

    @AfterEach
    void disconnect() throws IOException {
        try (LiveHost closing = host;
                LiveTarget ending = target) {
            hypervisor.removeStorage(storage);
            closing.hypervisor.domains(LiveHost.INSTALLATION).forEach(left -> hypervisor.powerOff(left.machineId()));
        }
    }

    @Test
    void aGuestKeepsWhatItWritesAndNothingOfItStays() throws Exception {
        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("has not got the CHAP secret");
        hypervisor.keepSecret(storage, "not-the-secret".getBytes(StandardCharsets.UTF_8));
        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("its CHAP user or secret is another one")
                .doesNotContain("not-the-secret");
        hypervisor.keepSecret(storage, secret());
        assertThat(hypervisor.checkStorage(storage).problems()).isEmpty();

        assertThat(hypervisor.devices(storage))
                .singleElement()
                .satisfies(look -> assertThat(look.bytes()).isEqualTo(GIB))
                .satisfies(look -> assertThat(look.path()).isEqualTo(LiveTarget.NAME + "/1"));
        assertThat(hypervisor
                        .lookAtDevice(storage, LiveTarget.NAME + "/1", true)
                        .data())
                .contains("did not put there");
        assertThat(hypervisor
                        .lookAtDevice(storage, LiveTarget.NAME + "/9", true)
                        .there())
                .isFalse();

        DomainSpec plain =
                host.machine("lun-1", BASE, LiveHost.nic(host.network, 0, UUID.randomUUID(), host.subnet + ".30"));
        DiskSpec disk = disk(plain.machineId());
        DomainSpec machine = plain.withDisks(List.of(disk));
        Set<String> commands = new HashSet<>();
        hypervisor.ensureDisk(disk, (done, total) -> commands.add(everyCommandLine()));
        assertThat(hypervisor.diskExists(disk)).isTrue();
        assertThat(hypervisor.volumes(storage)).containsExactly(disk.volume());
        assertThat(commands).anyMatch(lines -> lines.contains(LiveTarget.NAME));
        assertThat(found(lun, EARLIER)).isFalse();

        host.prepare(machine);
        String xml =
                LiveHost.virsh("dumpxml", "--security-info", machine.machineId().toString());
        LibvirtSchema.assertValid("domain", xml);
        Guest guest = Guest.startPrepared(host, machine).awaitBoot();
        guest.must("echo " + MARKER + " > /root/marker; sync");
        commands.add(everyCommandLine());
        hypervisor.powerOff(machine.machineId());
        DiskSpec moved = LiveHost.disk(machine.machineId(), "vda", 1, host.storage, null);
        hypervisor.fillDisk(moved, disk, (done, total) -> commands.add(everyCommandLine()));
        hypervisor.verifyDisk(moved, disk, (done, total) -> commands.add(everyCommandLine()));
        hypervisor.deleteDisk(moved, Progress.NONE);
        hypervisor.start(machine.machineId());
        assertThat(guest.awaitBoot().must("cat /root/marker")).contains(MARKER);
        assertThat(found(lun, MARKER)).isTrue();

        guest.remove();
        assertThat(hypervisor.volumes(storage)).isEmpty();
        assertThat(HostCommand.of("cmp", "-n", Long.toString(GIB), lun.toString(), "/dev/zero")
                        .timeout(java.time.Duration.ofMinutes(2))
                        .run()
                        .succeeded())
                .isTrue();
        hypervisor.deleteDisk(disk, Progress.NONE);
        DeviceLook free = hypervisor.lookAtDevice(storage, disk.place(), true);
        assertThat(free.inUse() + free.data()).isEmpty();
        assertThat(xml + commands + LiveHost.virsh("secret-list")).doesNotContain(target.secret);
    }

    @Test
    void saysWhatKeepsItFromTheTarget() throws IOException {
        hypervisor.keepSecret(storage, secret());
        DiskSpec large =
                new DiskSpec(UUID.randomUUID(), UUID.randomUUID(), null, "", 2, storage, null, LiveTarget.NAME + "/1");
        assertThatThrownBy(() -> hypervisor.ensureDisk(large, Progress.NONE))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("smaller than the disk");
        DiskSpec lost =
                new DiskSpec(UUID.randomUUID(), UUID.randomUUID(), null, "", 1, storage, null, LiveTarget.NAME + "/7");
        assertThatThrownBy(() -> hypervisor.ensureDisk(lost, Progress.NONE))
                .hasMessageContaining("no longer has the disk's LUN");
        DiskSpec unplaced = new DiskSpec(UUID.randomUUID(), UUID.randomUUID(), null, "", 1, storage, null, "");
        assertThatThrownBy(() -> hypervisor.ensureDisk(unplaced, Progress.NONE))
                .hasMessageContaining("No LUN was handed out");
        assertThat(found(lun, EARLIER)).isTrue();

        RuntimeException stop = new RuntimeException("stop");
        DiskSpec disk = disk(UUID.randomUUID());
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk, (done, total) -> {
                    throw stop;
                }))
                .isSameAs(stop);
        assertThat(hypervisor.diskExists(disk)).isFalse();
        assertThat(hypervisor.volumes(storage)).containsExactly(disk.volume());
        target.stop();
        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("Nothing answers at " + target.portal());
        assertThatThrownBy(() -> hypervisor.deleteDisk(disk, Progress.NONE)).hasMessageContaining("does not answer");
        target.start();
        assertThat(hypervisor.checkStorage(storage).problems()).isEmpty();
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertThat(found(lun, EARLIER)).isFalse();
        assertThat(hypervisor.volumes(storage)).isEmpty();
    }

    private byte[] secret() {
        return target.secret.getBytes(StandardCharsets.UTF_8);
    }

    private DiskSpec disk(UUID machineId) {
        return new DiskSpec(
                UUID.randomUUID(), UUID.randomUUID(), machineId, "vda", 1, storage, BASE, LiveTarget.NAME + "/1");
    }

    private static String everyCommandLine() {
        return HostCommand.of("ps", "-eo", "args", "-ww").run().output();
    }

    private static boolean found(Path file, String text) {
        return HostCommand.of("grep", "-a", "-q", "-m1", text, file.toString())
                .timeout(java.time.Duration.ofMinutes(2))
                .run()
                .succeeded();
    }
}
