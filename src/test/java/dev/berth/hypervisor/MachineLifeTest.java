package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A machine from nothing to nothing on a real libvirt. No guest boots: the disk is empty and SeaBIOS waits. */
@Tag("hypervisor")
class MachineLifeTest {
    private static LiveHost host;
    private static Hypervisor hypervisor;

    @BeforeAll
    static void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
    }

    @AfterAll
    static void disconnect() throws IOException {
        host.close();
    }

    @Test
    void livesAndLeavesNothing() throws Exception {
        DomainSpec machine = host.machine("web-1", 10, base());
        UUID id = machine.machineId();

        host.prepare(machine);
        host.prepare(machine);
        assertThat(hypervisor.state(id)).contains(DomainState.STOPPED);
        assertThat(hypervisor.diskExists(machine.disks().get(0))).isTrue();
        assertThat(hypervisor.machinesWithFiles(List.of(host.storage))).contains(id);

        hypervisor.start(id);
        hypervisor.start(id);
        assertThat(hypervisor.state(id)).contains(DomainState.RUNNING);
        assertThat(hypervisor.domains(LiveHost.INSTALLATION))
                .contains(new DomainSummary(id, machine.name(), DomainState.RUNNING));
        assertThat(hypervisor.domains(UUID.randomUUID())).isEmpty();
        await().until(() -> host.events.contains(new DomainChanged(LiveHost.NAME, id)));
        assertThat(greeting(hypervisor.vncSocket(id))).isEqualTo("RFB 003.008\n");

        hypervisor.reset(id);
        hypervisor.requestReboot(id);
        hypervisor.requestShutdown(id);
        assertThatThrownBy(() -> hypervisor.undefine(id, LiveHost.INSTALLATION))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("Power it off first");
        hypervisor.powerOff(id);
        hypervisor.powerOff(id);
        assertThat(hypervisor.state(id)).contains(DomainState.STOPPED);

        host.remove(machine);
        host.remove(machine);
        assertThat(hypervisor.state(id)).isEmpty();
        assertThat(hypervisor.domains(LiveHost.INSTALLATION)).isEmpty();
        assertThat(hypervisor.machinesWithFiles(List.of(host.storage))).doesNotContain(id);
        assertThat(hypervisor.diskExists(machine.disks().get(0))).isFalse();
        assertThat(LiveHost.virsh("net-dumpxml", "berth-" + host.network.slug()))
                .doesNotContain(machine.nics().get(0).mac());
        assertThat(filesNaming(id)).isEmpty();
    }

    @Test
    void leavesWhatOthersMadeAlone() throws Exception {
        DomainSpec machine = host.machine("theirs", 11, null);
        host.prepare(machine);
        UUID stranger = UUID.randomUUID();

        assertThatThrownBy(() -> hypervisor.undefine(machine.machineId(), stranger))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("did not make");
        assertThat(hypervisor.state(machine.machineId())).contains(DomainState.STOPPED);
        host.remove(machine);
    }

    @Test
    void tellsWhenTheImageIsGone() throws Exception {
        DomainSpec machine = host.machine("lost", 12, base());
        host.prepare(machine);
        Files.delete(Path.of(machine.disks().get(0).base().path()));

        assertThatThrownBy(() -> hypervisor.start(machine.machineId()))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING))
                .hasMessageNotContaining("/var");
        host.remove(machine);
    }

    /** An image like those in the library: readable by all, writable by none. */
    private static DiskSpec.BaseImage base() throws IOException {
        Path image = Files.createTempDirectory(host.directory, "images").resolve("base.qcow2");
        Files.setPosixFilePermissions(
                image.getParent(), java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
        assertThat(HostCommand.of("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "64M")
                        .run()
                        .succeeded())
                .isTrue();
        Files.setPosixFilePermissions(image, java.nio.file.attribute.PosixFilePermissions.fromString("r--r--r--"));
        return new DiskSpec.BaseImage(image.toString(), "qcow2");
    }

    private static String greeting(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer greeting = ByteBuffer.allocate(12);
            while (greeting.hasRemaining() && channel.read(greeting) >= 0) {}
            return new String(greeting.array(), StandardCharsets.US_ASCII);
        }
    }

    private static List<Path> filesNaming(UUID id) throws IOException {
        try (var files = Files.walk(host.directory)) {
            return files.filter(file -> file.getFileName().toString().contains(id.toString()))
                    .toList();
        }
    }
}
