package dev.berth.hypervisor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.w3c.dom.Element;

/** Disks of running domains on one host, by their serial number. */
public final class LibvirtDisks {
    private static final List<String> LIMITS =
            List.of("read_bytes_sec", "write_bytes_sec", "read_iops_sec", "write_iops_sec");

    private final LibvirtDomains domains;

    LibvirtDisks(LibvirtDomains domains) {
        this.domains = domains;
    }

    /** The disk's {@code <disk>} element as the domain has it. */
    public Optional<Element> find(UUID machineId, String serial) {
        return domains.description(machineId).stream()
                .flatMap(domain -> domain.all("devices/disk").stream())
                .filter(disk -> serial.equals(new LibvirtXml(disk).text("serial")))
                .findFirst();
    }

    /** Puts a disk into the running domain. */
    void attach(UUID machineId, String diskXml) {
        domains.attach(machineId, diskXml);
    }

    /** Asks the guest to let go of the disk; whether it does shows later. */
    void detach(UUID machineId, String diskXml) {
        try {
            domains.detach(machineId, diskXml);
        } catch (HypervisorException e) {
            if (!(e.getCause() instanceof LibvirtFailure failure && failure.alreadyUnplugging())) {
                throw e;
            }
        }
    }

    /** Makes the running disk so large; one that is larger stays as it is. */
    void grow(UUID machineId, String serial, long bytes) {
        target(machineId, serial)
                .filter(target -> domains.diskBytes(machineId, target)
                        .filter(is -> is < bytes)
                        .isPresent())
                .ifPresent(target -> domains.growDisk(machineId, target, bytes));
    }

    /** Gives the running disk the speed limits in this {@code <disk>} element. */
    void limit(UUID machineId, String serial, String diskXml) {
        Map<String, Long> wanted = limits(LibvirtXml.parse(diskXml));
        find(machineId, serial)
                .map(LibvirtXml::new)
                .filter(disk -> !limits(disk).equals(wanted))
                .map(disk -> disk.attribute("target", "dev"))
                .ifPresent(target -> domains.limitDisk(machineId, target, wanted));
    }

    private Optional<String> target(UUID machineId, String serial) {
        return find(machineId, serial).map(disk -> new LibvirtXml(disk).attribute("target", "dev"));
    }

    private static Map<String, Long> limits(LibvirtXml disk) {
        Map<String, Long> limits = new LinkedHashMap<>();
        for (String name : LIMITS) {
            String text = disk.text("iotune/" + name);
            limits.put(name, text.isEmpty() ? 0 : Long.parseLong(text));
        }
        return limits;
    }
}
