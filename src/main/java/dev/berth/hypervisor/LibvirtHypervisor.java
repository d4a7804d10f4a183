package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DeviceKind;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.hypervisor.disk.DiskKind;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.network.NetworkKind;
import dev.berth.hypervisor.network.NetworkKinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.w3c.dom.Element;

/** One libvirt host, its work split between libvirt's domains, the kinds of network and disk, and the worker's files. */
final class LibvirtHypervisor implements Hypervisor {
    /** What is written to measure a disk: no storage takes it for nothing. */
    private static final int PATTERN = 0xA5;

    private final LibvirtHost host;
    private final LibvirtDomains domains;
    private final DomainMarks marks;
    private final NetworkKinds networks;
    private final DiskKinds disks;
    private final DomainXml domainXml;
    private final PortForwards forwards;
    private final WorkerDirectory directory;
    private final SeedFiles seeds;
    private final BootFiles boots;
    private final LibvirtSnapshots snapshots;
    private final LibvirtStrays strays;

    LibvirtHypervisor(
            LibvirtHost host,
            LibvirtDomains domains,
            DomainMarks marks,
            NetworkKinds networks,
            DiskKinds disks,
            DomainXml domainXml,
            PortForwards forwards,
            WorkerDirectory directory) {
        this.host = host;
        this.domains = domains;
        this.marks = marks;
        this.networks = networks;
        this.disks = disks;
        this.domainXml = domainXml;
        this.forwards = forwards;
        this.directory = directory;
        this.seeds = new SeedFiles(directory, networks, disks);
        this.boots = new BootFiles(directory);
        this.snapshots = new LibvirtSnapshots(host, domains, disks);
        this.strays = new LibvirtStrays(domains);
    }

    @Override
    public String host() {
        return host.name();
    }

    @Override
    public HostFacts facts() {
        return host.facts();
    }

    @Override
    public HostCheck checkNetwork(NetworkSpec network) {
        return kind(network).check(network, host);
    }

    @Override
    public void ensureNetwork(NetworkSpec network) {
        kind(network).ensure(network, host);
    }

    @Override
    public void removeNetwork(NetworkSpec network) {
        kind(network).remove(network, host);
    }

    @Override
    public void ensureNic(NicSpec nic) {
        kind(nic.network()).bind(nic, host);
    }

    @Override
    public void removeNic(NicSpec nic) {
        kind(nic.network()).unbind(nic, host);
    }

    @Override
    public Optional<String> seenAddress(NicSpec nic) {
        return kind(nic.network()).seenAddress(nic, host);
    }

    @Override
    public void attachNic(NicSpec nic) {
        NetworkKind kind = kind(nic.network());
        if (domains.state(nic.machineId()).filter(LibvirtHypervisor::isOn).isEmpty()) {
            return;
        }
        if (host.cards().find(nic.machineId(), nic.mac()).isEmpty()) {
            host.cards().attach(nic.machineId(), kind.render(nic));
        } else {
            host.cards().update(nic.machineId(), kind.render(nic));
        }
        kind.plug(nic, host);
    }

    @Override
    public boolean detachNic(NicSpec nic) {
        if (holds(nic)) {
            host.cards().detach(nic.machineId(), kind(nic.network()).render(nic));
        }
        return !holds(nic);
    }

    private boolean holds(NicSpec nic) {
        return domains.state(nic.machineId()).filter(LibvirtHypervisor::isOn).isPresent()
                && host.cards().find(nic.machineId(), nic.mac()).isPresent();
    }

    @Override
    public void plugNic(NicSpec nic) {
        kind(nic.network()).plug(nic, host);
    }

    @Override
    public void applyForwards(UUID installationId, List<ForwardSpec> wanted) {
        forwards.apply(installationId, wanted);
    }

    private NetworkKind kind(NetworkSpec network) {
        return networks.get(network.kind());
    }

    @Override
    public HostCheck checkStorage(StorageSpec storage) {
        return kind(storage).check(storage, host);
    }

    @Override
    public HostStorage storage() {
        return HostStorageLook.take();
    }

    @Override
    public void ensureStorage(StorageSpec storage) {
        kind(storage).ensureStorage(storage, host);
    }

    @Override
    public void removeStorage(StorageSpec storage) {
        kind(storage).removeStorage(storage, host);
    }

    @Override
    public void keepSecret(StorageSpec storage, byte[] secret) {
        kind(storage).keepSecret(storage, secret, host);
    }

    @Override
    public boolean diskExists(DiskSpec disk) {
        return kind(disk.storage()).exists(disk, host);
    }

    @Override
    public void ensureDisk(DiskSpec disk, Progress progress) {
        DiskKind kind = kind(disk.storage());
        // Two that write to one disk's metadata ruin it.
        if (kind.abilities().contains(Ability.GROWS_BENEATH) || running(disk).isEmpty()) {
            kind.ensure(disk, host, progress);
        }
    }

    @Override
    public void attachDisk(DiskSpec disk) {
        if (!isOn(disk)) {
            return;
        }
        String xml = kind(disk.storage()).render(disk);
        if (running(disk).isEmpty()) {
            host.disks().attach(disk.machineId(), xml);
        } else {
            host.disks().grow(disk.machineId(), disk.serial(), disk.bytes());
            host.disks().limit(disk.machineId(), disk.serial(), xml);
        }
    }

    @Override
    public boolean detachDisk(DiskSpec disk) {
        if (running(disk).isPresent()) {
            host.disks().detach(disk.machineId(), kind(disk.storage()).render(disk));
        }
        return running(disk).isEmpty();
    }

    /** The disk in its running domain. */
    private Optional<Element> running(DiskSpec disk) {
        return isOn(disk) ? host.disks().find(disk.machineId(), disk.serial()) : Optional.empty();
    }

    private boolean isOn(DiskSpec disk) {
        return disk.machineId() != null
                && domains.state(disk.machineId())
                        .filter(LibvirtHypervisor::isOn)
                        .isPresent();
    }

    @Override
    public void fillDisk(DiskSpec disk, DiskSpec from, Progress progress) {
        kind(disk.storage()).fill(disk, source(from), host, progress);
    }

    @Override
    public String verifyDisk(DiskSpec disk, DiskSpec from, Progress progress) {
        BlockSource copy = source(disk);
        BlockSource original = source(from);
        if (!QemuImg.same(original, copy, progress)) {
            throw new HypervisorException(
                    Reason.REJECTED, "The copy is not what the disk is. The disk stays where it was; try again.");
        }
        return GuestBytes.sha256(copy, QemuImg.virtualSize(original), progress);
    }

    @Override
    public void packDisk(DiskSpec disk, Path to, Progress progress) {
        QemuImg.pack(source(disk), to, progress);
    }

    @Override
    public long diskBytes(DiskSpec disk) {
        return QemuImg.virtualSize(source(disk));
    }

    private BlockSource source(DiskSpec disk) {
        return kind(disk.storage()).source(disk, host);
    }

    @Override
    public void deleteDisk(DiskSpec disk, Progress progress) {
        kind(disk.storage()).delete(disk, host, progress);
    }

    @Override
    public boolean takeSnapshot(UUID machineId, UUID snapshot, List<DiskSpec> disks, boolean again) {
        return snapshots.take(machineId, snapshot, disks, again);
    }

    @Override
    public long snapshotBytes(UUID snapshot, List<DiskSpec> disks) {
        return snapshots.bytes(snapshot, disks);
    }

    @Override
    public Map<UUID, Integer> snapshotsFilled(StorageSpec storage) {
        return kind(storage).snapshotsFilled(storage, host);
    }

    @Override
    public void revert(UUID machineId, UUID snapshot, List<DiskSpec> disks, Progress progress) {
        snapshots.revert(machineId, snapshot, disks, progress);
    }

    @Override
    public void deleteSnapshot(UUID machineId, UUID snapshot, List<DiskSpec> disks) {
        snapshots.delete(machineId, snapshot, disks);
    }

    @Override
    public void copySnapshot(DiskSpec from, UUID snapshot, DiskSpec to, Progress progress) {
        snapshots.copy(from, snapshot, to, progress);
    }

    @Override
    public List<DeviceLook> devices(StorageSpec storage) {
        return kind(storage) instanceof DeviceKind kind ? kind.devices(storage, host) : List.of();
    }

    @Override
    public DeviceLook lookAtDevice(StorageSpec storage, String place, boolean thorough) {
        return deviceKind(storage).look(storage, place, thorough, host);
    }

    @Override
    public void wipeDevice(StorageSpec storage, String place, Progress progress) {
        deviceKind(storage).wipe(storage, place, host, progress);
    }

    @Override
    public GuestSpeed measureInside(UUID machineId) {
        return new GuestBench(domains).measure(machineId);
    }

    @Override
    public DiskSpeed measureDisk(DiskSpec disk) {
        DiskKind kind = kind(disk.storage());
        if (kind.abilities().contains(Ability.WHOLE_DEVICE)) {
            DeviceLook look = deviceKind(disk.storage()).look(disk.storage(), disk.place(), true, host);
            if (!look.there() || !look.inUse().isEmpty() || !look.data().isEmpty()) {
                throw new HypervisorException(
                        Reason.REJECTED,
                        "The device " + disk.place() + " can't be measured: it is gone, in use, or holds something.");
            }
            // Zeros over zeros: wherever it ends, nothing is left on the device.
            return QemuBench.measure(source(disk), 0);
        }
        kind.ensureStorage(disk.storage(), host);
        try {
            kind.ensure(disk, host, Progress.NONE);
            return QemuBench.measure(source(disk), PATTERN);
        } finally {
            kind.delete(disk, host, Progress.NONE);
        }
    }

    private DeviceKind deviceKind(StorageSpec storage) {
        if (kind(storage) instanceof DeviceKind kind) {
            return kind;
        }
        throw new HypervisorException(Reason.REJECTED, "The kind " + storage.kind() + " hands out no devices.");
    }

    private DiskKind kind(StorageSpec storage) {
        return disks.get(storage.kind());
    }

    @Override
    public void offerShare(ShareSpec share) {
        disks.sharing(share.storage().kind()).offer(share, host);
    }

    @Override
    public Set<String> shares(UUID machineId) {
        return host.shares().tags(machineId);
    }

    @Override
    public void writeSeed(SeedSpec seed) {
        seeds.write(seed);
    }

    @Override
    public void deleteSeed(UUID machineId) {
        seeds.delete(machineId);
        boots.delete(machineId);
    }

    @Override
    public Optional<DomainState> state(UUID machineId) {
        return domains.state(machineId);
    }

    @Override
    public List<DomainSummary> domains(UUID installationId) {
        return marks.ours(domains.list(), installationId).stream()
                .map(listed -> new DomainSummary(listed.id(), listed.name(), listed.state()))
                .toList();
    }

    @Override
    public Set<UUID> seeds() {
        Set<UUID> machines = new HashSet<>(seeds.machines());
        machines.addAll(boots.machines());
        return machines;
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage) {
        return kind(storage).volumes(storage, host);
    }

    @Override
    public void define(DomainSpec domain) {
        Optional<DomainState> state = domains.state(domain.machineId());
        if (state.isPresent()) {
            refuseStranger(domain.machineId(), domain.installationId());
        }
        BootSpec boot = domain.boot();
        boots.ensure(domain.machineId(), boot);
        domains.define(domainXml.render(
                domain.withName(domains.name(domain.machineId(), domain.name())),
                new DomainXml.Site(
                        facts().domainType(),
                        seeds.path(domain.machineId()),
                        directory.vncSocket(domain.machineId()),
                        boot.kernel() == null ? null : boots.path(domain.machineId(), boot.kernel()),
                        boot.initrd() == null ? null : boots.path(domain.machineId(), boot.initrd()))));
    }

    @Override
    public void start(UUID machineId) {
        DomainState state = known(machineId);
        switch (state) {
            case RUNNING -> {}
            case PAUSED -> domains.resume(machineId);
            case STOPPED, CRASHED, SHUTTING_DOWN ->
                unlessReached(DomainState.RUNNING, machineId, () -> domains.start(machineId));
        }
    }

    @Override
    public void requestShutdown(UUID machineId) {
        if (domains.state(machineId).filter(LibvirtHypervisor::isOn).isPresent()) {
            unlessReached(DomainState.STOPPED, machineId, () -> domains.shutdown(machineId));
        }
    }

    @Override
    public void requestReboot(UUID machineId) {
        refuseUnlessOn(machineId, "reboot");
        domains.reboot(machineId);
    }

    @Override
    public void reset(UUID machineId) {
        refuseUnlessOn(machineId, "be reset");
        domains.reset(machineId);
    }

    @Override
    public void powerOff(UUID machineId) {
        if (domains.state(machineId).filter(LibvirtHypervisor::isOn).isPresent()) {
            unlessReached(DomainState.STOPPED, machineId, () -> domains.destroy(machineId));
        }
    }

    @Override
    public void undefine(UUID machineId, UUID installationId) {
        Optional<DomainState> state = domains.state(machineId);
        if (state.isPresent()) {
            refuseStranger(machineId, installationId);
            if (isOn(state.get())) {
                throw new HypervisorException(
                        Reason.FAILED, "The machine is still on, so its definition stays. Power it off first.");
            }
            domains.undefine(machineId);
        }
        try {
            Files.deleteIfExists(vncSocket(machineId));
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The machine's console socket could not be removed.", e);
        }
    }

    @Override
    public Optional<DomainFigures> figures(UUID machineId) {
        return strays.figures(machineId);
    }

    @Override
    public void removeDomain(UUID machineId, UUID installationId) {
        if (domains.state(machineId).isPresent()) {
            refuseStranger(machineId, installationId);
            powerOff(machineId);
        }
        undefine(machineId, installationId);
        deleteSeed(machineId);
    }

    @Override
    public DiskSpec volume(StorageSpec storage, UUID volume) {
        return new DiskSpec(
                volume, volume, null, "", 1, storage, null, kind(storage).place(volume, host));
    }

    @Override
    public List<String> users(DiskSpec disk) {
        return strays.users(disk, source(disk));
    }

    @Override
    public Path vncSocket(UUID machineId) {
        return directory.vncSocket(machineId);
    }

    private static boolean isOn(DomainState state) {
        return state != DomainState.STOPPED && state != DomainState.CRASHED;
    }

    private DomainState known(UUID machineId) {
        return domains.state(machineId)
                .orElseThrow(() -> new HypervisorException(
                        Reason.MISSING,
                        "The machine is not defined on host " + host() + ". Retry to have it defined again."));
    }

    private void refuseUnlessOn(UUID machineId, String deed) {
        if (!isOn(known(machineId))) {
            throw new HypervisorException(Reason.REJECTED, "The machine is off, so it can't " + deed + ". Start it.");
        }
    }

    private void refuseStranger(UUID machineId, UUID installationId) {
        boolean ours = domains.metadata(machineId)
                .flatMap(DomainMark::parse)
                .filter(mark -> mark.installationId().equals(installationId))
                .isPresent();
        if (!ours) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Host " + host() + " has a machine with this id that this installation did not make."
                            + " It is left alone; an admin has to look at it.");
        }
    }

    /** What libvirt refuses because somebody else has just done it is done. */
    private void unlessReached(DomainState wanted, UUID machineId, Runnable deed) {
        try {
            deed.run();
        } catch (HypervisorException failure) {
            if (failure.reason() == Reason.UNREACHABLE
                    || domains.state(machineId).filter(wanted::equals).isEmpty()) {
                throw failure;
            }
        }
    }
}
