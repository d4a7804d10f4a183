package dev.berth.hypervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Looks at what is on a host and may be nothing's here. */
final class LibvirtStrays {
    private static final long KIB_PER_MIB = 1024;

    private final LibvirtDomains domains;

    LibvirtStrays(LibvirtDomains domains) {
        this.domains = domains;
    }

    Optional<DomainFigures> figures(UUID id) {
        // libvirt gives out memory in KiB.
        return domains.description(id)
                .map(xml -> new DomainFigures(number(xml, "vcpu").intValue(), number(xml, "memory") / KIB_PER_MIB));
    }

    private static Long number(LibvirtXml xml, String path) {
        String text = xml.text(path);
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0L;
    }

    List<String> users(DiskSpec disk, BlockSource source) {
        return domains.list().stream()
                .filter(domain -> domains.description(domain.id())
                        .filter(xml -> sources(xml).anyMatch(used -> isSame(used, disk, source)))
                        .isPresent())
                .map(LibvirtDomains.Listed::name)
                .sorted()
                .toList();
    }

    /** Also what lies below a disk's own file. */
    private static Stream<String> sources(LibvirtXml xml) {
        return Stream.concat(xml.all("devices/disk").stream(), xml.all("devices/hostdev").stream())
                .flatMap(device -> {
                    var found = device.getElementsByTagName("source");
                    return Stream.iterate(0, index -> index < found.getLength(), index -> index + 1)
                            .map(index -> (org.w3c.dom.Element) found.item(index));
                })
                .flatMap(source -> Stream.of("file", "dev", "name", "volume").map(source::getAttribute))
                .filter(text -> !text.isEmpty());
    }

    private static boolean isSame(String used, DiskSpec disk, BlockSource source) {
        if (used.contains(disk.volume().toString()) || !disk.place().isEmpty() && used.contains(disk.place())) {
            return true;
        }
        try {
            return !source.path().isEmpty()
                    && used.startsWith("/")
                    && Files.exists(Path.of(used))
                    && Files.isSameFile(Path.of(used), Path.of(source.path()));
        } catch (IOException e) {
            return false;
        }
    }
}
