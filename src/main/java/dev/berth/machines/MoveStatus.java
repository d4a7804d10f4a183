package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Images;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.security.Caller;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** How moves' rows follow the work on them. For the worker, in short transactions as in {@link MachineStatus}. */
@ApplicationScoped
public class MoveStatus {
    private static final Caller WORKER = Caller.system("worker");

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final MoveRows moves;
    private final Devices devices;
    private final StorageProfiles storage;
    private final Images images;
    private final Quotas quotas;
    private final MovesConfig config;
    private final Audit audit;
    private final Clock clock;

    MoveStatus(
            MachineRepository machines,
            Machines.DiskRepository disks,
            MoveRows moves,
            Devices devices,
            StorageProfiles storage,
            Images images,
            Quotas quotas,
            MovesConfig config,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.moves = moves;
        this.devices = devices;
        this.storage = storage;
        this.images = images;
        this.quotas = quotas;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    /** The machine's moves for which the host has something to do. */
    @Transactional
    public List<Moving> pending(UUID machineId) {
        return moves.open(machineId).stream()
                .filter(move -> move.pending)
                .map(this::moving)
                .toList();
    }

    /** Those of which two copies lie on the host, or may. */
    @Transactional
    public List<Moving> open(UUID machineId) {
        return moves.open(machineId).stream().map(this::moving).toList();
    }

    private Moving moving(MoveEntity move) {
        DiskEntity disk = disks.findById(move.diskId);
        DiskSpec.BaseImage base = move.fromImageId == null
                ? null
                : images.base(images.find(move.fromImageId).orElseThrow());
        return new Moving(
                move.id,
                move.state,
                spec(disk, move.fromVolume, disk.sizeGib, move.fromProfileId, base, move.fromPlace),
                spec(disk, move.toVolume, move.sizeGib, move.toProfileId, null, move.toPlace),
                disk.volume);
    }

    private DiskSpec spec(
            DiskEntity disk, UUID volume, long sizeGib, UUID profileId, DiskSpec.BaseImage base, String place) {
        return new DiskSpec(
                disk.id,
                volume,
                disk.machineId,
                disk.target,
                sizeGib,
                StorageProfiles.spec(storage.find(profileId).orElseThrow()),
                base,
                place);
    }

    /** Whether the copy is still to be made. */
    @Transactional
    public boolean wanted(UUID moveId) {
        return moves.findByIdOptional(moveId)
                .filter(move -> move.state.copying())
                .map(move -> machines.findById(move.machineId).wanted == Wanted.STOPPED)
                .orElse(false);
    }

    /** The copy is made. @param bytes what the guest sees of the disk */
    @Transactional
    public void copied(UUID moveId, long bytes) {
        MoveEntity move = locked(moveId);
        if (move.state == MoveState.COPYING) {
            move.state = MoveState.VERIFYING;
            move.bytes = bytes;
        }
    }

    /** The copy is what the disk was: from now on it is the disk. */
    @Transactional
    public void verified(UUID moveId, String digest) {
        MoveEntity move = locked(moveId);
        if (move.state != MoveState.VERIFYING) {
            return;
        }
        DiskEntity disk = disks.findById(move.diskId);
        disk.storageProfileId = move.toProfileId;
        disk.storageSlug = storage.find(move.toProfileId).orElseThrow().slug();
        disk.volume = move.toVolume;
        disk.place = move.toPlace;
        disk.imageId = null;
        grow(disk, move);
        quotas.follow(
                move.tenantId,
                null,
                copies(
                        disk,
                        move.machineId,
                        move,
                        storage.find(move.toProfileId).orElseThrow(),
                        storage.find(move.fromProfileId).orElseThrow()));
        move.state = MoveState.DONE;
        move.digest = digest;
        move.doneAt = clock.instant();
        move.keepUntil = move.doneAt.plus(config.moveKeep());
    }

    /** Who holds what of the storages while there are two copies: the disk's own, and the move's the other. */
    static List<Quotas.Held> copies(DiskEntity disk, UUID machineId, MoveEntity move, Profile at, Profile other) {
        UUID holder = disk.isSystem() ? machineId : disk.id;
        QuotaLine here = QuotaLine.storage(at.id(), at.slug());
        QuotaLine there = QuotaLine.storage(other.id(), other.slug());
        List<Quotas.Held> held = new ArrayList<>();
        if (!here.equals(there)) {
            held.add(new Quotas.Held(holder, there, 0));
            held.add(new Quotas.Held(move.id, here, 0));
        }
        held.add(new Quotas.Held(holder, here, disk.sizeGib));
        held.add(new Quotas.Held(move.id, there, move.sizeGib));
        return held;
    }

    /** The disk is as large as the device that it was on, and its share of the quota with it. */
    private void grow(DiskEntity disk, MoveEntity move) {
        long more = move.sizeGib - disk.sizeGib;
        if (more > 0) {
            MachineEntity machine = machines.findById(move.machineId);
            quotas.transfer(move.id, disk.isSystem() ? machine.id : disk.id, Resource.DISK_GIB, more);
            disk.sizeGib = move.sizeGib;
            if (disk.isSystem()) {
                machine.diskGib += more;
            }
        }
    }

    /** It can't be done: the disk stays where it is. @param failure a sentence that says why */
    @Transactional
    public void failed(UUID moveId, String failure) {
        MoveEntity move = locked(moveId);
        if (move.state.copying()) {
            move.state = MoveState.FAILED;
            move.failure = failure;
            audit.record(
                    WORKER,
                    "disk.fail-move",
                    Machines.subject(machines.findById(move.machineId)),
                    Map.of("move", moveId));
        }
    }

    /** The machine's definition has the disk that it should have. */
    @Transactional
    public void defined(UUID moveId) {
        MoveEntity move = locked(moveId);
        if (move.state == MoveState.DONE) {
            move.pending = false;
        }
    }

    /** There is one copy only by now, and it counts once. */
    @Transactional
    public void over(UUID moveId) {
        MoveEntity move = locked(moveId);
        if (move.state == MoveState.DONE) {
            move.state = MoveState.CONFIRMED;
        } else if (move.state.copying()) {
            move.state = MoveState.UNDONE;
        }
        move.pending = false;
        quotas.release(move.id);
        UUID current = disks.findById(move.diskId).volume;
        devices.release(List.of(current.equals(move.toVolume) ? move.fromVolume : move.toVolume));
    }

    /** The machine's row first, as everybody does. */
    private MoveEntity locked(UUID moveId) {
        UUID machineId = moves.getEntityManager()
                .createQuery("select machineId from MoveEntity where id = :id", UUID.class)
                .setParameter("id", moveId)
                .getSingleResult();
        machines.findById(machineId, LockModeType.PESSIMISTIC_WRITE);
        return moves.findById(moveId);
    }
}
