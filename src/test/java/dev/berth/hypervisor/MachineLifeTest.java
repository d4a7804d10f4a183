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
        Path image = Path.of(machine.disks().get(0).base().path());
        Object owner = Files.getAttribute(image, "unix:uid");
        byte[] content = Files.readAllBytes(image);

        host.prepare(machine);
        host.prepare(machine);
        assertThat(hypervisor.state(id)).contains(DomainState.STOPPED);
        assertThat(hypervisor.diskExists(machine.disks().get(0))).isTrue();
        assertThat(hypervisor.seeds()).contains(id);
        assertThat(hypervisor.volumes(host.storage))
                .contains(machine.disks().get(0).volume());

        hypervisor.start(id);
        hypervisor.start(id);
        assertThat(hypervisor.state(id)).contains(DomainState.RUNNING);
        assertThat(hypervisor.domains(LiveHost.INSTALLATION))
                .contains(new DomainSummary(id, machine.name(), DomainState.RUNNING));
        assertThat(hypervisor.domains(UUID.randomUUID())).isEmpty();
        await().until(() -> host.events.contains(new DomainChanged(LiveHost.NAME, id)));
        assertThat(greeting(hypervisor.vncSocket(id))).isEqualTo("RFB 003.008\n");

        assertThat(Files.getAttribute(image, "unix:uid")).isEqualTo(owner);
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
        assertThat(hypervisor.seeds()).doesNotContain(id);
        assertThat(hypervisor.volumes(host.storage))
                .doesNotContain(machine.disks().get(0).volume());
        assertThat(hypervisor.diskExists(machine.disks().get(0))).isFalse();
        assertThat(LiveHost.virsh("net-dumpxml", "berth-" + host.network.slug()))
                .doesNotContain(machine.nics().get(0).mac());
        assertThat(filesNaming(id)).isEmpty();
        assertThat(image).hasBinaryContent(content);
    }

    /** What a person may have typed, there and back through libvirt. */
    @Test
    void keepsHostileTextInItsPlace() throws Exception {
        String hostile = "a&b<c>\"d\"'e']]></title><devices/>{f}";
        DomainSpec plain = host.machine("web-2", 13, null);
        DomainSpec machine = new DomainSpec(
                plain.machineId(),
                plain.name(),
                LiveHost.INSTALLATION,
                hostile,
                hostile,
                1,
                64,
                plain.disks(),
                plain.nics());
        host.prepare(plain);
        hypervisor.define(machine);

        LibvirtXml defined = LibvirtXml.parse(LiveHost.virsh("dumpxml", machine.name()));
        assertThat(defined.text("title")).isEqualTo(hostile + "/" + hostile);
        assertThat(defined.attribute("metadata/berth:machine", "tenant")).isEqualTo(hostile);
        assertThat(defined.all("devices/disk")).hasSize(2);
        assertThat(hypervisor.domains(LiveHost.INSTALLATION))
                .extracting(DomainSummary::machineId)
                .contains(machine.machineId());
        host.remove(machine);
    }

    /** Another installation's, or one made by hand. */
    @Test
    void anotherDomainMayHaveItsName() throws Exception {
        DomainSpec first = host.machine("namesake", 14, null);
        DomainSpec second = host.machine("namesake", 15, null).withName(first.name());
        host.prepare(first);
        host.prepare(second);
        hypervisor.define(first);
        hypervisor.define(second);

        assertThat(LiveHost.virsh("domname", first.machineId().toString()).trim())
                .isEqualTo(first.name());
        assertThat(LiveHost.virsh("domname", second.machineId().toString()).trim())
                .isEqualTo(first.name() + "-" + second.machineId().toString().substring(0, 8));
        host.remove(first);
        host.remove(second);
        assertThat(hypervisor.state(second.machineId())).isEmpty();
    }

    @Test
    void hasNoWordForWhatIsNotThere() {
        UUID nobody = UUID.randomUUID();
        assertThat(hypervisor.state(nobody)).isEmpty();
        hypervisor.powerOff(nobody);
        hypervisor.requestShutdown(nobody);
        hypervisor.undefine(nobody, LiveHost.INSTALLATION);
        assertThatThrownBy(() -> hypervisor.start(nobody))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING));
    }

    @Test
    void knowsItsHost() {
        HostFacts facts = hypervisor.facts();
        assertThat(facts.domainType()).isEqualTo("qemu");
        assertThat(facts.arch()).isEqualTo("x86_64");
        assertThat(facts.cpus()).isPositive();
        assertThat(facts.memoryMib()).isGreaterThan(256);
        assertThat(facts.libvirtVersion()).matches("\\d+\\.\\d+\\.\\d+");
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
