package dev.berth.hypervisor;

import org.libvirt.LibvirtException;
import org.libvirt.NodeInfo;

/** Looks at a host once its connection is open, and prepares the worker's directory for it. */
final class HostInspection {
    private static final int KIB_PER_MIB = 1024;

    private final Acceleration acceleration;
    private final WorkerDirectory directory;
    private final AccelerationProbe probe;

    HostInspection(Acceleration acceleration, WorkerDirectory directory, AccelerationProbe probe) {
        this.acceleration = acceleration;
        this.directory = directory;
        this.probe = probe;
    }

    HostFacts read(LibvirtConnection connection) throws LibvirtException {
        LibvirtXml capabilities = LibvirtXml.parse(connection.getCapabilities());
        directory.prepare(QemuUser.of(capabilities).map(QemuUser::gid).orElse(-1));
        NodeInfo node = connection.nodeInfo();
        String hypervisorVersion = version(connection.getVersion());
        return new HostFacts(
                connection.getHostName(),
                capabilities.text("host/cpu/arch"),
                node.cpus,
                node.memory / KIB_PER_MIB,
                version(connection.getLibVirVersion()),
                hypervisorVersion,
                domainType(connection, capabilities, hypervisorVersion));
    }

    private String domainType(LibvirtConnection connection, LibvirtXml capabilities, String hypervisorVersion)
            throws LibvirtException {
        if (connection.getType().equals("Test")) {
            return "test";
        }
        boolean kvm =
                switch (acceleration) {
                    case KVM -> true;
                    case QEMU -> false;
                    case AUTO -> offersKvm(capabilities) && probe.kvmWorks(hypervisorVersion);
                };
        return kvm ? "kvm" : "qemu";
    }

    private static boolean offersKvm(LibvirtXml capabilities) {
        return capabilities.all("guest/arch/domain").stream()
                .anyMatch(domain -> domain.getAttribute("type").equals("kvm"));
    }

    private static String version(long number) {
        return number / 1_000_000 + "." + number / 1_000 % 1_000 + "." + number % 1_000;
    }
}
