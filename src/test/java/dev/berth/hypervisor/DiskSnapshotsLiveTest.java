package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Snapshots as QEMU and qemu-img keep them inside qcow2 files, of machines that run (without a guest) and that are off. */
@Tag("hypervisor")
class DiskSnapshotsLiveTest {
    private static final String SECRET = "the host's own secret";
    private static final UUID FIRST = UUID.randomUUID();
    private static final UUID SECOND = UUID.randomUUID();

    private LiveHost host;
    private Hypervisor hypervisor;
    private DomainSpec machine;
    private StorageSpec raw;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
        raw = new StorageSpec(
                UUID.randomUUID(), host.storage.slug() + "r", "raw", Map.of("path", host.directory + "/raw"));
        DomainSpec plain = host.machine("snap", 20, null);
        machine = plain.withDisks(
                List.of(plain.disks().get(0), LiveHost.disk(plain.machineId(), "vdb", 1, host.storage, null)));
        host.prepare(machine);
    }

    @AfterEach
    void disconnect() throws IOException {
        try {
            host.remove(machine);
            hypervisor.removeStorage(raw);
        } finally {
            host.close();
        }
    }

    @Test
    void keepsAllDisksOfARunningMachineAndBringsThemBack() {
        write("first");
        hypervisor.start(machine.machineId());
        assertThat(hypervisor.takeSnapshot(machine.machineId(), FIRST, machine.disks(), false))
                .as("there is no guest to keep still")
                .isFalse();
        hypervisor.takeSnapshot(machine.machineId(), FIRST, machine.disks(), true);
        assertThat(hypervisor.state(machine.machineId())).contains(DomainState.RUNNING);
        assertThat(hypervisor.snapshotBytes(FIRST, machine.disks())).isPositive();
        machine.disks().forEach(disk -> assertThat(names(disk)).containsExactly(FIRST.toString()));
        assertThatThrownBy(() -> hypervisor.revert(machine.machineId(), FIRST, machine.disks(), Progress.NONE))
                .hasMessageContaining("still on");

        // A worker that died while it held the machine, before the second disk had it.
        LiveHost.virsh("suspend", machine.machineId().toString());
        hypervisor.deleteSnapshot(
                machine.machineId(), FIRST, List.of(machine.disks().get(1)));
        hypervisor.takeSnapshot(machine.machineId(), FIRST, machine.disks(), true);
        assertThat(hypervisor.state(machine.machineId())).contains(DomainState.RUNNING);
        machine.disks().forEach(disk -> assertThat(names(disk)).containsExactly(FIRST.toString()));

        hypervisor.powerOff(machine.machineId());
        write("second");
        hypervisor.takeSnapshot(machine.machineId(), SECOND, machine.disks(), false);
        hypervisor.revert(machine.machineId(), FIRST, machine.disks(), Progress.NONE);
        machine.disks().forEach(disk -> assertThat(beginning(disk)).isEqualTo("first"));
        hypervisor.revert(machine.machineId(), SECOND, machine.disks(), Progress.NONE);
        machine.disks().forEach(disk -> assertThat(beginning(disk)).isEqualTo("secon"));

        hypervisor.deleteSnapshot(machine.machineId(), FIRST, machine.disks());
        hypervisor.start(machine.machineId());
        hypervisor.deleteSnapshot(machine.machineId(), SECOND, machine.disks());
        hypervisor.deleteSnapshot(machine.machineId(), SECOND, machine.disks());
        machine.disks().forEach(disk -> assertThat(names(disk)).isEmpty());
        hypervisor.powerOff(machine.machineId());
        assertThatThrownBy(() -> hypervisor.revert(machine.machineId(), FIRST, machine.disks(), Progress.NONE))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING));
    }

    @Test
    void copiesWhatAGuestWroteAndNeverFollowsIt() throws IOException {
        Path secret = host.directory.resolve("secret");
        Files.writeString(secret, SECRET);
        Path header = host.directory.resolve("header");
        byte[] hostile = hostileHeader(secret);
        Files.write(header, hostile);
        DiskSpec disk = machine.disks().get(0);
        qemuIo(disk, "write -q -s " + header + " 0 4096");
        hypervisor.takeSnapshot(machine.machineId(), FIRST, machine.disks(), false);
        qemuIo(disk, "write -q -P 0 0 4096");

        hypervisor.ensureStorage(raw);
        DiskSpec copy = LiveHost.disk(UUID.randomUUID(), "vda", 2, raw, null);
        DiskSpec thin = LiveHost.disk(UUID.randomUUID(), "vda", 2, host.storage, null);
        for (DiskSpec made : List.of(copy, thin)) {
            hypervisor.copySnapshot(disk, FIRST, made, Progress.NONE);
            hypervisor.copySnapshot(disk, FIRST, made, Progress.NONE);
        }
        byte[] bytes = new byte[4096];
        try (var in = Files.newInputStream(host.directory.resolve("raw").resolve(copy.volume() + ".raw"))) {
            assertThat(in.readNBytes(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        }
        assertThat(bytes).isEqualTo(Arrays.copyOf(hostile, bytes.length));
        assertThat(Files.size(host.directory.resolve("raw").resolve(copy.volume() + ".raw")))
                .isEqualTo(2L << 30);
        assertThat(beginning(thin)).isEqualTo(new String(hostile, 0, 5, StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> hypervisor.takeSnapshot(copy.machineId(), SECOND, List.of(copy), false))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.REJECTED));
        assertThatThrownBy(() -> hypervisor.copySnapshot(disk, SECOND, copy, Progress.NONE))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING));
        hypervisor.deleteDisk(copy, Progress.NONE);
        hypervisor.deleteDisk(thin, Progress.NONE);
    }

    /** What makes a file look like a qcow2 image of 1 MiB that backs onto a file of the host. */
    private static byte[] hostileHeader(Path backing) {
        byte[] name = backing.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer header = ByteBuffer.allocate(4096);
        header.putInt(0x514649FB)
                .putInt(2)
                .putLong(512)
                .putInt(name.length)
                .putInt(16)
                .putLong(1 << 20);
        header.position(512);
        header.put(name);
        return header.array();
    }

    private void write(String text) {
        machine.disks().forEach(disk -> {
            Path file = host.directory.resolve("text");
            try {
                Files.writeString(file, text + "\0".repeat(512 - text.length()));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            qemuIo(disk, "write -q -s " + file + " 0 512");
        });
    }

    private String beginning(DiskSpec disk) {
        String dump = qemuIo(disk, "read -v 0 512");
        StringBuilder text = new StringBuilder();
        for (String octet : dump.lines().findFirst().orElseThrow().split("\\s+")) {
            if (octet.matches("[0-9a-f]{2}") && text.length() < 5) {
                text.append((char) Integer.parseInt(octet, 16));
            }
        }
        return text.toString();
    }

    private String qemuIo(DiskSpec disk, String command) {
        HostCommand.Result result = HostCommand.of(
                        "qemu-io", "-f", "qcow2", "-c", command, file(disk).toString())
                .run();
        assertThat(result.succeeded())
                .as(command + ": " + result.output() + result.errors())
                .isTrue();
        return result.output();
    }

    private List<String> names(DiskSpec disk) {
        return QemuImg.snapshots(new BlockSource("qcow2", file(disk).toString()));
    }

    private Path file(DiskSpec disk) {
        return host.directory.resolve("disks").resolve(disk.volume() + ".qcow2");
    }
}
