package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.hypervisor.DomainXml.Site;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.disk.Qcow2Disk;
import dev.berth.hypervisor.disk.ShareDirectory;
import dev.berth.hypervisor.network.NatNetwork;
import dev.berth.hypervisor.network.NetworkKinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlTest {
    private static final String HOSTILE = "a&b<c>\"d\"'e']]>\n</title><devices/>{f}";

    private final XmlTemplates templates = new XmlTemplates();
    private final DomainXml domainXml = new DomainXml(
            templates,
            new NetworkKinds(List.of(new NatNetwork(templates))),
            new DiskKinds(List.of(new Qcow2Disk(templates), new ShareDirectory(templates))));
    private final UUID id = UUID.randomUUID();
    private final UUID installation = UUID.randomUUID();

    @Tag("hypervisor")
    @ParameterizedTest
    @ValueSource(strings = {"qemu", "kvm", "test"})
    void isValidForLibvirt(String domainType) throws IOException {
        LibvirtSchema.assertValid("domain", domainXml.render(machine("blue", "web-1"), site(domainType)));
    }

    @Test
    @Tag("hypervisor")
    void isValidWithHostileText() throws IOException {
        LibvirtSchema.assertValid("domain", domainXml.render(machine(HOSTILE, HOSTILE), site("qemu")));
    }

    @Test
    @Tag("hypervisor")
    void isValidWithSharedDirectories() throws IOException {
        DomainSpec machine = machine("blue", "web-1");
        String byNinep = domainXml.render(
                machine.withShares(List.of(share("a", Map.of("access", "9p", "mode", "read-only")))), site("qemu"));
        String byBoth = domainXml.render(
                machine.withShares(
                        List.of(share("a", Map.of("access", "9p", "who", "all-in-one")), share("b", Map.of()))),
                site("qemu"));

        LibvirtSchema.assertValid("domain", byNinep);
        LibvirtSchema.assertValid("domain", byBoth);
        assertThat(byNinep)
                .as("what nothing but virtiofs needs")
                .doesNotContain("memoryBacking")
                .contains("<source dir='/srv/a/blue'/>", "accessmode='mapped'");
        assertThat(LibvirtXml.parse(byNinep).all("devices/filesystem/readonly")).hasSize(1);
        assertThat(byBoth)
                .contains("<source type='memfd'/>", "<access mode='shared'/>", "<source dir='/srv/b/blue'/>")
                .contains("<source dir='/srv/a'/>", "<sandbox mode='namespace'/>");
        assertThat(LibvirtXml.parse(byBoth).all("devices/filesystem/readonly")).isEmpty();
        assertThat(domainXml.render(machine, site("qemu"))).doesNotContain("memoryBacking");
    }

    private ShareSpec share(String slug, Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("path", "/srv/" + slug);
        return new ShareSpec(id, new StorageSpec(UUID.randomUUID(), slug, "share", all), "blue");
    }

    @Test
    @Tag("hypervisor")
    void isValidWithoutADisk() throws IOException {
        LibvirtSchema.assertValid("domain", domainXml.render(diskless(BootSpec.NETWORK), site("qemu")));
        LibvirtSchema.assertValid("domain", domainXml.render(diskless(kernel("quiet")), bootSite("kvm")));
        LibvirtSchema.assertValid("domain", domainXml.render(diskless(kernel("")), bootSite("qemu")));
    }

    @Test
    void startsFromWhatItShall() {
        LibvirtXml network = LibvirtXml.parse(domainXml.render(diskless(BootSpec.NETWORK), site("qemu")));
        assertThat(network.attribute("os/boot", "dev")).isEqualTo("network");
        assertThat(network.all("devices/disk/target"))
                .extracting(target -> target.getAttribute("dev"))
                .containsExactly("vdz");

        LibvirtXml kernel = LibvirtXml.parse(domainXml.render(diskless(kernel(HOSTILE)), bootSite("qemu")));
        assertThat(kernel.all("os/boot")).isEmpty();
        assertThat(kernel.text("os/kernel")).isEqualTo("/var/lib/berth/boot/kernel");
        assertThat(kernel.text("os/initrd")).isEqualTo("/var/lib/berth/boot/initrd");
        assertThat(kernel.text("os/cmdline")).isEqualTo(HOSTILE);

        LibvirtXml disk = LibvirtXml.parse(domainXml.render(machine("blue", "web-1"), site("qemu")));
        assertThat(disk.attribute("os/boot", "dev")).isEqualTo("hd");
    }

    private DomainSpec diskless(BootSpec boot) {
        DomainSpec with = machine("blue", "web-1");
        return new DomainSpec(
                id, with.name(), installation, "blue", "web-1", 1, 256, List.of(), with.nics(), List.of(), boot);
    }

    private static BootSpec kernel(String commandLine) {
        BootSpec.BootFile file = new BootSpec.BootFile("/var/lib/berth/images/x", "0".repeat(64));
        return new BootSpec(BootSpec.From.KERNEL, file, file, commandLine);
    }

    private static Site bootSite(String domainType) {
        Site site = site(domainType);
        return new Site(
                domainType,
                site.seed(),
                site.vncSocket(),
                Path.of("/var/lib/berth/boot/kernel"),
                Path.of("/var/lib/berth/boot/initrd"));
    }

    @Test
    void keepsHostileTextInItsPlace() {
        LibvirtXml parsed = LibvirtXml.parse(domainXml.render(machine(HOSTILE, HOSTILE), site("qemu")));

        assertThat(parsed.text("title")).isEqualTo((HOSTILE + "/" + HOSTILE).replace('\n', ' '));
        assertThat(parsed.attribute("metadata/berth:machine", "tenant")).isEqualTo(HOSTILE);
        assertThat(parsed.all("devices")).hasSize(1);
    }

    @Test
    void carriesTheMark() {
        String xml = domainXml.render(machine("blue", "web-1"), site("qemu"));
        String mark = xml.substring(xml.indexOf("<berth:machine"), xml.indexOf("</metadata>"));

        assertThat(DomainMark.parse(mark.strip())).isEqualTo(Optional.of(new DomainMark(installation, id, "blue")));
    }

    @Test
    void listensNowhereButOnItsSocket() {
        LibvirtXml parsed = LibvirtXml.parse(domainXml.render(machine("blue", "web-1"), site("qemu")));

        assertThat(parsed.all("devices/graphics")).hasSize(1);
        assertThat(parsed.attribute("devices/graphics", "socket")).isEqualTo("/run/berth/vnc/machine.sock");
        assertThat(parsed.attribute("devices/graphics", "listen")).isEmpty();
        assertThat(parsed.attribute("devices/graphics", "port")).isEmpty();
    }

    @Test
    void statesEveryFormat() {
        LibvirtXml parsed = LibvirtXml.parse(domainXml.render(machine("blue", "web-1"), site("qemu")));

        assertThat(parsed.all("devices/disk/driver"))
                .extracting(driver -> driver.getAttribute("type"))
                .containsExactly("qcow2", "qcow2", "raw");
        assertThat(parsed.attribute("devices/disk/backingStore/format", "type")).isEqualTo("qcow2");
        assertThat(parsed.all("devices/disk/backingStore")).hasSize(3);
        assertThat(parsed.all("devices/disk/target"))
                .extracting(target -> target.getAttribute("dev"))
                .containsExactly("vda", "vdb", "vdz");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "../a", "a;touch x", "a\nb", "-a", "a b"})
    void refusesNamesThatLibvirtCannotHave(String name) {
        DomainSpec good = machine("blue", "web-1");
        DomainSpec bad = new DomainSpec(id, name, installation, "blue", "web-1", 1, 64, good.disks(), good.nics());

        assertThatThrownBy(() -> domainXml.render(bad, site("qemu"))).isInstanceOf(HypervisorException.class);
    }

    private DomainSpec machine(String tenant, String machineName) {
        NetworkSpec network = new NetworkSpec(
                UUID.randomUUID(),
                "lan",
                "nat",
                Map.of("cidr", "10.20.0.0/24", "rangeStart", "10.20.0.10", "rangeEnd", "10.20.0.99"));
        StorageSpec storage =
                new StorageSpec(UUID.randomUUID(), "fast", "qcow2", Map.of("path", "/var/lib/berth/disks"));
        return new DomainSpec(
                id,
                "web-1-" + id,
                installation,
                tenant,
                machineName,
                2,
                512,
                List.of(
                        LiveHost.disk(
                                id, "vda", 4, storage, new BaseImage("/var/lib/berth/images/base.qcow2", "qcow2")),
                        LiveHost.disk(id, "vdb", 4, storage, null)),
                List.of(new NicSpec(id, network, 0, "52:54:00:12:34:56", "10.20.0.10", "web-1")));
    }

    private static Site site(String domainType) {
        return new Site(
                domainType, Path.of("/var/lib/berth/seeds/machine.iso"), Path.of("/run/berth/vnc/machine.sock"));
    }
}
