package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.network.CardXml;
import dev.berth.hypervisor.network.NetworkKinds;
import io.quarkus.qute.RawString;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A domain's XML, put together of its parts. Disks and network cards come from their kinds. */
@Singleton
public class DomainXml {
    private static final String FILE = "domain";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

    /** Beside its system disk. */
    public static final int MOST_DATA_DISKS = 10;

    /** PCI Express root ports: ten for the other devices and one for each card and disk that a machine may get. */
    private static final int ROOT_PORTS = 10 + CardXml.MOST_CARDS + MOST_DATA_DISKS;

    /** Directories that a machine shares. */
    public static final int MOST_SHARES = 8;

    private final XmlTemplates templates;
    private final List<Part> parts;
    private final DiskKinds disks;

    public DomainXml(XmlTemplates templates, NetworkKinds networks, DiskKinds disks) {
        this.templates = templates;
        this.disks = disks;
        this.parts = List.of(
                (domain, site) -> Stream.of(device("ports", Map.of("indexes", rootPorts(domain)))),
                fixed("usb"),
                fixed("input"),
                (domain, site) -> domain.disks().stream()
                        .map(disk -> disks.get(disk.storage().kind()).render(disk)),
                (domain, site) -> domain.shares().stream()
                        .map(share -> disks.sharing(share.storage().kind()).render(share)),
                (domain, site) -> Stream.of(device("seed", Map.of("path", site.seed()))),
                (domain, site) -> domain.nics().stream()
                        .map(nic -> networks.get(nic.network().kind()).render(nic)),
                fixed("serial"),
                fixed("agent"),
                (domain, site) -> Stream.of(device("graphics", Map.of("socket", site.vncSocket()))),
                fixed("video"),
                fixed("random"),
                fixed("memory"));
    }

    /** Shared directories are not plugged in, so only a machine that has some has ports for them. */
    private static List<Integer> rootPorts(DomainSpec domain) {
        return IntStream.rangeClosed(1, ROOT_PORTS + domain.shares().size())
                .boxed()
                .toList();
    }

    /**
     * What the domain's host adds.
     *
     * @param kernel the machine's own copy of the kernel that it starts from, or null; the same holds for the initrd
     */
    record Site(String domainType, Path seed, Path vncSocket, Path kernel, Path initrd) {
        /** Of a machine that starts from a disk or the network. */
        Site(String domainType, Path seed, Path vncSocket) {
            this(domainType, seed, vncSocket, null, null);
        }
    }

    /** Contributes devices. */
    private interface Part {
        Stream<String> devices(DomainSpec domain, Site site);
    }

    private Part fixed(String device) {
        return (domain, site) -> Stream.of(device(device, Map.of()));
    }

    private String device(String fragment, Map<String, ?> values) {
        return templates.render("device", fragment, values);
    }

    /** @throws HypervisorException {@code REJECTED} for a name that libvirt can't have */
    String render(DomainSpec domain, Site site) {
        if (!NAME.matcher(domain.name()).matches()) {
            throw new HypervisorException(
                    Reason.REJECTED, "A machine's name on its host may hold letters, digits, dots, hyphens only.");
        }
        Map<String, Object> values = new HashMap<>();
        values.put("type", site.domainType());
        values.put("name", domain.name());
        values.put("machineId", domain.machineId());
        values.put("title", (domain.tenant() + "/" + domain.machineName()).replaceAll("\\R", " "));
        values.put("namespace", DomainMark.NAMESPACE);
        values.put("installationId", domain.installationId());
        values.put("tenant", domain.tenant());
        values.put("memoryMib", domain.memoryMib());
        values.put("vcpus", domain.vcpus());
        values.put(
                "sharedMemory",
                domain.shares().stream().map(ShareSpec::storage).anyMatch(storage -> disks.sharing(storage.kind())
                        .sharesMemory(storage)));
        values.put(
                "osAndCpu",
                new RawString(templates.render(
                        FILE, site.domainType(), Map.of("boot", new RawString(boot(domain.boot(), site))))));
        values.put(
                "devices",
                parts.stream()
                        .flatMap(part -> part.devices(domain, site))
                        .map(RawString::new)
                        .toList());
        return templates.render(FILE, "domain", values);
    }

    private String boot(BootSpec boot, Site site) {
        if (boot.from() != BootSpec.From.KERNEL) {
            return templates.render("boot", boot.from() == BootSpec.From.NETWORK ? "network" : "disk", Map.of());
        }
        Map<String, Object> values = new HashMap<>();
        values.put("kernel", site.kernel());
        values.put("initrd", site.initrd());
        values.put("commandLine", boot.commandLine());
        return templates.render("boot", "kernel", values);
    }
}
