package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Moves of disks between kinds of storage while their machine is off. The old disk stays until a person confirms that
 * it may go, or until its time is up; until then there is a way back.
 */
@ApplicationScoped
public class Moves {
    /**
     * Where a disk could go.
     *
     * @param objection why it can't go there now, or empty
     */
    public record Target(Profile storage, String objection) {
        public boolean possible() {
            return objection.isEmpty();
        }
    }

    private static final long GIB = 1L << 30;

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final MoveRows moves;
    private final Devices devices;
    private final StorageRoom room;
    private final StorageLimits limits;
    private final StorageProfiles storage;
    private final Templates templates;
    private final Tenants tenants;
    private final Quotas quotas;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Moves(
            MachineRepository machines,
            Machines.DiskRepository disks,
            MoveRows moves,
            Devices devices,
            StorageRoom room,
            StorageLimits limits,
            StorageProfiles storage,
            Templates templates,
            Tenants tenants,
            Quotas quotas,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.moves = moves;
        this.devices = devices;
        this.room = room;
        this.limits = limits;
        this.storage = storage;
        this.templates = templates;
        this.tenants = tenants;
        this.quotas = quotas;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** The moves of the machine's disks, newest first. */
    @Transactional
    public List<Move> list(Caller caller, UUID machineId) {
        MachineEntity machine = visible(caller, machineId);
        return views(moves.list("machineId = ?1 order by requestedAt desc", machine.id));
    }

    @Transactional
    public Move get(Caller caller, UUID machineId, UUID moveId) {
        return list(caller, machineId).stream()
                .filter(move -> move.id().equals(moveId))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("move"));
    }

    /** Where the disk could go, with what stands in the way; its own storage when it can be cut off its image there. */
    @Transactional
    public List<Target> targets(Caller caller, UUID machineId, UUID diskId) {
        MachineEntity machine = visible(caller, machineId);
        DiskEntity disk = disk(machine, diskId);
        return offered(caller, machine.revisionId, machine.tenantId).stream()
                .filter(profile -> !profile.id().equals(disk.storageProfileId) || overlay(disk, profile))
                .map(profile -> new Target(profile, objection(machine, disk, profile)))
                .toList();
    }

    /** Admins may put a disk anywhere; others where their team may and the machine's template says. */
    private List<Profile> offered(Caller caller, UUID revisionId, UUID tenantId) {
        return caller.admin()
                ? storage.list().stream()
                        .filter(profile -> !profile.retired() && !storage.sharesFiles(profile))
                        .toList()
                : templates.storageFor(revisionId).stream()
                        .filter(profile -> profile.usableBy(tenantId))
                        .toList();
    }

    private boolean overlay(DiskEntity disk, Profile profile) {
        return disk.imageId != null && storage.abilities(profile).contains(Ability.OVERLAY);
    }

    private String objection(MachineEntity machine, DiskEntity disk, Profile target) {
        Set<Ability> abilities = storage.abilities(target);
        if (!abilities.contains(Ability.SYSTEM_DISK)) {
            return disk.isSystem()
                    ? "A machine can't start from this kind of disk."
                    : "Disks can't be moved to storage of this kind.";
        }
        String unfit = room.unfitHosts(target, size(disk)).get(machine.hostId);
        return unfit == null ? "" : "The machine's host, " + machine.hostName + ", " + unfit + ".";
    }

    /** In GiB; of a disk on a device the guest sees the whole device, which may be larger than what was asked for. */
    private long size(DiskEntity disk) {
        return devices.bytes(disk.volume)
                .map(bytes -> Math.max(disk.sizeGib, (bytes + GIB - 1) / GIB))
                .orElse(disk.sizeGib);
    }

    /**
     * Moves a disk of a machine that is off. Both copies count in the team's quota until one of them is gone.
     *
     * @param toSlug the storage; the disk's own cuts it off the image that it stands on
     */
    @Transactional
    public Move start(Caller caller, UUID machineId, UUID diskId, String toSlug) {
        // The storage before the machine, as whoever changes its settings holds it when machines follow.
        var origin = machines.origin(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        Profile target = offered(caller, origin.revisionId(), origin.tenantId()).stream()
                .filter(profile -> profile.slug().equals(toSlug))
                .findFirst()
                .map(profile -> storage.forUse(profile.id()))
                .orElseThrow(() -> ProblemException.invalid(
                        "storage", "Choose one of the storage profiles that the machine's template offers."));
        MachineEntity machine = machines.forChange(caller, machineId);
        DiskEntity disk = disk(machine, diskId);
        requireOff(machine);
        moves.refuseOpen(disk.id);
        refuseUnfit(machine, disk, target);
        MoveEntity move = new MoveEntity();
        move.id = UUID.randomUUID();
        move.diskId = disk.id;
        move.machineId = machine.id;
        move.tenantId = machine.tenantId;
        move.sizeGib = size(disk);
        move.fromProfileId = disk.storageProfileId;
        move.fromVolume = disk.volume;
        move.fromPlace = disk.place;
        move.fromImageId = disk.imageId;
        move.toProfileId = target.id();
        move.toVolume = UUID.randomUUID();
        move.state = MoveState.COPYING;
        move.pending = true;
        move.requestedBy = caller.username();
        move.requestedAt = clock.instant();
        Tenant tenant = tenants.find(Set.of(machine.tenantId)).get(machine.tenantId);
        quotas.raise(tenant, move.id, caller.userId(), Amounts.ofDisk(target.id(), target.slug(), move.sizeGib));
        limits.requireRoom(machine.hostId, target, move.sizeGib);
        if (devices.handedOut(target)) {
            move.toPlace = devices.claim(target, machine.hostId, move.sizeGib, move.toVolume);
        }
        moves.persist(move);
        change(caller, machine, "disk.move", Map.of("disk", disk.name, "from", disk.storageSlug, "to", target.slug()));
        return view(move);
    }

    private void refuseUnfit(MachineEntity machine, DiskEntity disk, Profile target) {
        if (disk.pending || disk.removing || disk.deleting || !disk.made) {
            throw ProblemException.conflict("wrong-state", "The disk is being changed. Wait until that is done.");
        }
        if (target.id().equals(disk.storageProfileId) && !overlay(disk, target)) {
            throw ProblemException.invalid("storage", "The disk is on this storage already. Choose another.");
        }
        String objection = objection(machine, disk, target);
        if (!objection.isEmpty()) {
            throw ProblemException.conflict("no-storage", objection + " Choose another storage or ask an admin.");
        }
        if (snapshots(disk.id) > 0) {
            throw ProblemException.conflict(
                    "has-snapshots", "The disk has snapshots, which a move would leave behind. Delete them first.");
        }
    }

    private long snapshots(UUID diskId) {
        return ((Number) moves.getEntityManager()
                        .createNativeQuery("select count(*) from snapshot_disk where disk_id = :disk")
                        .setParameter("disk", diskId)
                        .getSingleResult())
                .longValue();
    }

    /** The old disk is no longer needed. */
    @Transactional
    public Move confirm(Caller caller, UUID machineId, UUID moveId) {
        MachineEntity machine = forChange(caller, machineId);
        MoveEntity move = move(machine, moveId);
        if (move.state != MoveState.CONFIRMED) {
            if (move.state != MoveState.DONE) {
                throw ProblemException.conflict("wrong-state", "There is no old disk to delete: the move is not done.");
            }
            move.state = MoveState.CONFIRMED;
            move.pending = true;
            change(caller, machine, "disk.confirm-move", detail(move));
        }
        return view(move);
    }

    /**
     * Goes back to the old disk, or stops a copy that is still being made.
     *
     * @param loseChanges agrees that what the machine wrote since it was started on the new disk is lost
     */
    @Transactional
    public Move undo(Caller caller, UUID machineId, UUID moveId, boolean loseChanges) {
        MachineEntity machine = forChange(caller, machineId);
        MoveEntity move = move(machine, moveId);
        if (move.state == MoveState.UNDONE) {
            return view(move);
        }
        if (move.state == MoveState.DONE) {
            requireOff(machine);
            if (move.started && !loseChanges) {
                throw ProblemException.conflict(
                        "changes-lost",
                        "The machine was started since the move. What it wrote since then is lost when you go back:"
                                + " agree to that to undo the move.");
            }
            DiskEntity disk = disks.findById(move.diskId);
            disk.storageProfileId = move.fromProfileId;
            disk.storageSlug = storage.find(move.fromProfileId).orElseThrow().slug();
            disk.volume = move.fromVolume;
            disk.place = move.fromPlace;
            disk.imageId = move.fromImageId;
            devices.bytes(move.fromVolume).ifPresent(bytes -> shrink(machine, disk, bytes / GIB, move));
            quotas.follow(
                    machine.tenantId,
                    null,
                    MoveStatus.copies(
                            disk,
                            machine.id,
                            move,
                            storage.find(move.fromProfileId).orElseThrow(),
                            storage.find(move.toProfileId).orElseThrow()));
        } else if (!move.state.copying()) {
            throw ProblemException.conflict("wrong-state", "There is nothing to undo: the old disk is gone.");
        }
        move.state = MoveState.UNDONE;
        move.pending = true;
        change(caller, machine, "disk.undo-move", detail(move));
        return view(move);
    }

    /** The device that the disk is on again is smaller than the disk was in between. */
    private void shrink(MachineEntity machine, DiskEntity disk, long gib, MoveEntity move) {
        long less = disk.sizeGib - gib;
        if (less > 0) {
            quotas.transfer(disk.isSystem() ? machine.id : disk.id, move.id, Resource.DISK_GIB, less);
            disk.sizeGib = gib;
            if (disk.isSystem()) {
                machine.diskGib -= less;
            }
        }
    }

    /** Confirms the moves of the host's machines whose old disk was kept long enough. */
    @Transactional
    public void expire(String hostName) {
        List<MoveEntity> due = moves.list(
                "state = ?1 and keepUntil < ?2 and machineId in (select id from MachineEntity where hostName = ?3 and"
                        + " wanted <> ?4)",
                MoveState.DONE,
                clock.instant(),
                hostName,
                Wanted.GONE);
        for (MoveEntity move : due) {
            confirm(Caller.system("worker"), move.machineId, move.id);
        }
    }

    static void requireOff(MachineEntity machine) {
        if (machine.wanted != Wanted.STOPPED || machine.state != MachineState.STOPPED || !machine.settled) {
            throw ProblemException.conflict(
                    "wrong-state", "The machine has to be off for that. Stop it and wait until it is.");
        }
    }

    private MachineEntity forChange(Caller caller, UUID machineId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        if (machine.wanted == Wanted.GONE) {
            throw ProblemException.conflict("wrong-state", "That can't be done while the machine is being deleted.");
        }
        return machine;
    }

    private MoveEntity move(MachineEntity machine, UUID moveId) {
        return moves.findByIdOptional(moveId)
                .filter(move -> move.machineId.equals(machine.id))
                .orElseThrow(() -> ProblemException.notFound("move"));
    }

    private DiskEntity disk(MachineEntity machine, UUID diskId) {
        return disks.findByIdOptional(diskId)
                .filter(disk -> machine.id.equals(disk.machineId))
                .orElseThrow(() -> ProblemException.notFound("disk"));
    }

    private MachineEntity visible(Caller caller, UUID machineId) {
        return machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
    }

    private Map<String, Object> detail(MoveEntity move) {
        return Map.of("move", move.id, "started", move.started);
    }

    private void change(Caller caller, MachineEntity machine, String action, Map<String, ?> detail) {
        machine.wantAlso(Operation.MOVE, clock.instant());
        audit.record(caller, action, Machines.subject(machine), detail);
        // The row must be written (and so locked) before the queue is looked at: see the queue on completion.
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
    }

    private Move view(MoveEntity move) {
        return views(List.of(move)).get(0);
    }

    private List<Move> views(List<MoveEntity> rows) {
        Map<UUID, Profile> profiles = storage
                .find(rows.stream()
                        .flatMap(row -> Stream.of(row.fromProfileId, row.toProfileId))
                        .collect(Collectors.toSet()))
                .stream()
                .collect(Collectors.toMap(Profile::id, Function.identity()));
        return rows.stream()
                .map(row -> new Move(
                        row.id,
                        row.diskId,
                        row.machineId,
                        profiles.get(row.fromProfileId),
                        profiles.get(row.toProfileId),
                        row.sizeGib,
                        row.state,
                        row.pending,
                        row.started,
                        row.failure,
                        row.bytes,
                        row.digest,
                        row.requestedBy,
                        row.requestedAt,
                        row.doneAt,
                        row.state == MoveState.DONE ? row.keepUntil : null))
                .toList();
    }
}
