package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Size;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Another size for a machine: of its template revision's. What it takes more is taken at once; the machine has its new
 * figures from its next start, and what it no longer has is given back then. Its system disk grows where the size has a
 * larger one and the disk can; it never shrinks.
 */
@ApplicationScoped
public class Resizes {
    private static final Set<MachineState> AT_REST = EnumSet.of(MachineState.RUNNING, MachineState.STOPPED);

    /**
     * One size that a machine can have.
     *
     * @param takes what of the quota it takes more
     * @param grows whether the system disk grows with it
     */
    public record Offer(Size size, Amounts takes, boolean grows) {
        /** How many GiB the system disk gains. */
        public long moreDiskGib() {
            return takes.get(QuotaLine.of(Resource.DISK_GIB));
        }
    }

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final Machines all;
    private final Disks growing;
    private final ImageFigures images;
    private final MachineHolds holds;
    private final StorageProfiles storage;
    private final Templates templates;
    private final Hosts hosts;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Resizes(
            MachineRepository machines,
            Machines.DiskRepository disks,
            Machines all,
            Disks growing,
            ImageFigures images,
            MachineHolds holds,
            StorageProfiles storage,
            Templates templates,
            Hosts hosts,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.all = all;
        this.growing = growing;
        this.images = images;
        this.holds = holds;
        this.storage = storage;
        this.templates = templates;
        this.hosts = hosts;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** The other sizes of the machine's template revision. */
    @Transactional
    public List<Offer> offers(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        Optional<DiskEntity> disk = systemDisk(machine);
        return templates.revision(machine.revisionId).sizes().stream()
                .filter(size -> !size.retired() && !has(machine, size))
                .map(size -> {
                    boolean grows = grows(disk, size);
                    return new Offer(size, takes(machine, disk, size, grows), grows);
                })
                .toList();
    }

    private static boolean has(MachineEntity machine, Size size) {
        return machine.sizeName.equals(size.name())
                && machine.vcpus == size.vcpus()
                && machine.memoryMib == size.memoryMib();
    }

    private Optional<DiskEntity> systemDisk(MachineEntity machine) {
        return disks.find("machineId = ?1 and target = ?2", machine.id, DiskEntity.SYSTEM_TARGET)
                .firstResultOptional();
    }

    private boolean grows(Optional<DiskEntity> disk, Size size) {
        return disk.filter(one -> one.sizeGib < size.diskGib())
                .filter(one -> storage.abilities(
                                storage.find(one.storageProfileId).orElseThrow())
                        .contains(Ability.GROW))
                .isPresent();
    }

    private static Amounts takes(MachineEntity machine, Optional<DiskEntity> disk, Size size, boolean grows) {
        Amounts takes = Amounts.none()
                .and(QuotaLine.of(Resource.VCPUS), size.vcpus() - machine.vcpus)
                .and(QuotaLine.of(Resource.MEMORY_MIB), size.memoryMib() - machine.memoryMib);
        if (!grows) {
            return takes;
        }
        Amounts more = growth(disk.orElseThrow(), size);
        return takes.and(QuotaLine.of(Resource.DISK_GIB), more.get(QuotaLine.of(Resource.DISK_GIB)));
    }

    private static Amounts growth(DiskEntity disk, Size size) {
        return Amounts.ofDisk(disk.storageProfileId, disk.storageSlug, size.diskGib() - disk.sizeGib);
    }

    /**
     * Gives the machine another size; whether that passes by itself is for the caller to know.
     *
     * @param slug the short name of one of its template revision's sizes
     * @param restart whether a machine that runs is switched off and on for it now, asking its guest first
     * @param heldBy whoever has held what it takes more until now, or null
     */
    @Transactional
    public Machine resize(Caller caller, UUID machineId, String slug, boolean restart, UUID heldBy) {
        MachineEntity machine = machines.forChange(caller, machineId);
        Size size = templates.revision(machine.revisionId).sizes().stream()
                .filter(one -> one.slug().equals(slug) && !one.retired())
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid(
                        "size", "Choose one of the sizes that the machine's template revision offers."));
        if (!AT_REST.contains(machine.state)) {
            throw ProblemException.conflict(
                    "wrong-state",
                    "The size can be changed while the machine runs or is stopped; this one is "
                            + machine.state.label().toLowerCase(java.util.Locale.ROOT) + ".");
        }
        if (heldBy != null) {
            holds.giveBack(heldBy);
        }
        boolean on = machine.state == MachineState.RUNNING;
        if (has(machine, size)) {
            return restart && on && machine.resizing ? restart(caller, machineId) : machine.toMachine();
        }
        Optional<DiskEntity> disk = systemDisk(machine);
        boolean grows = grows(disk, size);
        if (restart && on) {
            images.refuseStart(machine);
        }
        Map<String, Object> detail = Map.of("before", machine.sizeName, "after", size.name(), "restart", restart && on);
        boolean more = size.vcpus() > machine.vcpus || size.memoryMib() > machine.memoryMib;
        change(machine, size, on);
        // All of the quota at once, then the host, then the storage: in the order of whoever makes a machine.
        holds.resizing(caller, machine, grows ? growth(disk.orElseThrow(), size) : Amounts.none());
        if (more) {
            machines.flush();
            hosts.requireRoom(machine.hostId, all::loads);
        }
        want(machine, restart && on);
        audit.record(caller, "machine.resize", Machines.subject(machine), detail);
        machines.flush();
        if (grows) {
            growing.growTaken(caller, disk.orElseThrow().id, size.diskGib());
        }
        queue.enqueue(machine.id, machine.hostName);
        return machine.toMachine();
    }

    /** What a running domain has it keeps until the next start, however often the machine's size is changed before. */
    private static void change(MachineEntity machine, Size size, boolean on) {
        if (on && machine.formerSize == null) {
            machine.formerSize = machine.sizeName;
            machine.formerVcpus = machine.vcpus;
            machine.formerMemoryMib = machine.memoryMib;
        }
        machine.sizeName = size.name();
        machine.vcpus = size.vcpus();
        machine.memoryMib = size.memoryMib();
        machine.resizing = true;
    }

    private void want(MachineEntity machine, boolean restart) {
        if (restart) {
            machine.restart = Restart.CYCLE.name();
            machine.want(Operation.REBOOT, clock.instant());
        } else {
            machine.wantAlso(Operation.RESIZE, clock.instant());
        }
    }

    /** Has a size take effect that was changed before: switches the machine off, asking its guest first, and on again. */
    @Transactional
    public Machine restart(Caller caller, UUID machineId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        if (machine.state != MachineState.RUNNING || !machine.resizing) {
            throw ProblemException.conflict(
                    "wrong-state", "There is no other size that this machine could start with now.");
        }
        images.refuseStart(machine);
        want(machine, true);
        audit.record(caller, "machine.reboot", Machines.subject(machine), Map.of("for", machine.sizeName));
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
        return machine.toMachine();
    }
}
