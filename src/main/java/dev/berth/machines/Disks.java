package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfileChanged;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.Cursor;
import dev.berth.common.Like;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.DomainXml;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What people do with disks: machines' and those that are kept by themselves. Each verb says what is wanted and queues
 * the work. A disk holds its own quota; a system disk's is its machine's.
 */
@ApplicationScoped
public class Disks {
    /** In GiB, of one disk. */
    public static final long MOST_GIB = 16_384;

    static final long MOST_LIMIT_GIB = 1_000_000_000;

    /**
     * A new disk.
     *
     * @param storage a storage profile's slug
     * @param name unique among the tenant's disks
     */
    public record Wish(String storage, long sizeGib, String name) {}

    /**
     * Which disks are listed.
     *
     * @param attached null for all
     * @param text a part of the disk's name, or empty
     */
    public record Filter(Boolean attached, String text) {}

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final DiskSpecs specs;
    private final StorageLimits limits;
    private final StorageRoom room;
    private final Devices devices;
    private final MoveRows moves;
    private final Snapshots snapshots;
    private final StorageProfiles storage;
    private final Templates templates;
    private final Tenants tenants;
    private final Quotas quotas;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Disks(
            MachineRepository machines,
            Machines.DiskRepository disks,
            DiskSpecs specs,
            StorageLimits limits,
            StorageRoom room,
            Devices devices,
            MoveRows moves,
            Snapshots snapshots,
            StorageProfiles storage,
            Templates templates,
            Tenants tenants,
            Quotas quotas,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.specs = specs;
        this.limits = limits;
        this.room = room;
        this.devices = devices;
        this.moves = moves;
        this.snapshots = snapshots;
        this.storage = storage;
        this.templates = templates;
        this.tenants = tenants;
        this.quotas = quotas;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** The machine's disks, the system disk first. */
    @Transactional
    public List<Disk> list(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        return views(disks.list("machineId = ?1 order by target", machine.id), Map.of(machine.id, machine.name));
    }

    /** A tenant's disks by name, those of its machines and those that are kept by themselves. */
    @Transactional
    public Page<Disk> list(Caller caller, UUID tenantId, Filter filter, int limit, String cursorText) {
        if (!caller.sees(tenantId)) {
            throw ProblemException.notFound("tenant");
        }
        List<String> where = new ArrayList<>(List.of("tenantId = :tenant"));
        Map<String, Object> parameters = new HashMap<>(Map.of("tenant", tenantId));
        if (filter.attached() != null) {
            where.add("machineId is " + (filter.attached() ? "not null" : "null"));
        }
        if (filter.text() != null && !filter.text().isBlank()) {
            where.add("name like :text escape '!'");
            parameters.put("text", Like.anywhere(filter.text()));
        }
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where.add("(name > :name or (name = :name and id > :id))");
            parameters.put("name", cursor.value());
            parameters.put("id", cursor.uuid());
        }
        List<DiskEntity> rows = disks.find(String.join(" and ", where) + " order by name, id", parameters)
                .page(0, limit + 1)
                .list();
        return Page.of(
                views(rows), limit, disk -> new Cursor(disk.name(), disk.id().toString()));
    }

    /** The tenant's disks that can be attached to this machine: kept by themselves, on its host, and at rest. */
    @Transactional
    public List<Disk> attachable(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        return views(disks.list(
                "tenantId = ?1 and hostId = ?2 and machineId is null and deleting = false and pending = false order by name",
                machine.tenantId,
                machine.hostId));
    }

    /** @throws ProblemException not found, also when it belongs to a tenant that is not the caller's */
    @Transactional
    public Disk get(Caller caller, UUID id) {
        return disks.findByIdOptional(id)
                .filter(disk -> caller.sees(disk.tenantId))
                .map(this::view)
                .orElseThrow(() -> ProblemException.notFound("disk"));
    }

    /** The storage profiles that the machine may have another disk on. */
    @Transactional
    public List<Profile> offered(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        return offered(machine.revisionId, machine.tenantId);
    }

    private List<Profile> offered(UUID revisionId, UUID tenantId) {
        return templates.storageFor(revisionId).stream()
                .filter(profile -> profile.usableBy(tenantId))
                .toList();
    }

    /**
     * Gives the machine another, empty disk.
     *
     * @param diskId the new disk's id: sent twice, it is one disk
     */
    @Transactional
    public Disk add(Caller caller, UUID machineId, Wish wish, UUID diskId) {
        // The profile before the machine, as whoever changes a profile's settings holds it when the machines follow.
        var origin = machines.origin(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        Optional<Profile> chosen = offered(origin.revisionId(), origin.tenantId()).stream()
                .filter(profile -> profile.slug().equals(wish.storage()))
                .findFirst();
        new Checks()
                .require(
                        "storage",
                        chosen.isPresent(),
                        "Choose one of the storage profiles that the machine's template offers.")
                .range("sizeGib", wish.sizeGib(), 1, MOST_GIB, "GiB")
                .label("name", wish.name())
                .throwIfAny();
        Profile profile = storage.forUse(chosen.orElseThrow().id());
        MachineEntity machine = forChange(caller, machineId);
        DiskEntity before = disks.findById(diskId);
        if (before != null && machineId.equals(before.machineId)) {
            return view(before);
        }
        String target = freeTarget(machineId);
        String unfit = room.unfitHosts(profile, wish.sizeGib()).get(machine.hostId);
        if (unfit != null) {
            throw ProblemException.conflict(
                    "no-storage-host",
                    "The machine's host, " + machine.hostName + ", " + unfit
                            + ". Choose another storage profile or ask an admin.");
        }
        DiskEntity disk = new DiskEntity();
        disk.id = before == null ? diskId : UUID.randomUUID();
        disk.volume = UUID.randomUUID();
        disk.tenantId = machine.tenantId;
        disk.tenantSlug = machine.tenantSlug;
        disk.hostId = machine.hostId;
        disk.hostName = machine.hostName;
        disk.name = wish.name();
        disk.machineId = machineId;
        disk.target = target;
        disk.storageProfileId = profile.id();
        disk.storageSlug = profile.slug();
        disk.sizeGib = wish.sizeGib();
        disk.createdAt = clock.instant();
        disk.pending = true;
        reserve(caller, disk, profile, disk.id, wish.sizeGib());
        // The quota's rows are held until the end, so this look can't be overtaken.
        if (disks.count("tenantId = ?1 and name = ?2 and (target is null or target <> 'vda')", disk.tenantId, disk.name)
                > 0) {
            throw ProblemException.invalid(
                    "name", "There is a disk named " + disk.name + " in " + disk.tenantSlug + ". Choose another name.");
        }
        if (devices.handedOut(profile)) {
            disk.place = devices.claim(profile, disk.hostId, disk.sizeGib, disk.volume);
        }
        disks.persist(disk);
        changed(caller, machine, "disk.add", disk, Map.of("machine", machine.name, "sizeGib", disk.sizeGib));
        return view(disk);
    }

    private void reserve(Caller caller, DiskEntity disk, Profile profile, UUID holder, long gib) {
        quotas.raise(
                tenants.get(caller, disk.tenantSlug),
                holder,
                caller.userId(),
                Amounts.ofDisk(profile.id(), profile.slug(), gib));
        limits.requireRoom(disk.hostId, profile, gib);
    }

    private String freeTarget(UUID machineId) {
        Set<String> taken =
                disks.stream("machineId", machineId).map(disk -> disk.target).collect(Collectors.toSet());
        for (int index = 1; index <= DomainXml.MOST_DATA_DISKS; index++) {
            String target = "vd" + (char) ('a' + index);
            if (!taken.contains(target)) {
                return target;
            }
        }
        throw ProblemException.conflict(
                "too-many-disks",
                "A machine has at most " + DomainXml.MOST_DATA_DISKS
                        + " data disks. Detach one first and wait until it is gone.");
    }

    /** Gives a disk that is kept by itself to a machine of its tenant on the same host. */
    @Transactional
    public Disk attach(Caller caller, UUID diskId, UUID machineId) {
        visible(caller, diskId);
        MachineEntity machine = forChange(caller, machineId);
        DiskEntity disk = locked(diskId);
        if (machineId.equals(disk.machineId) && !disk.removing) {
            return view(disk);
        }
        if (!disk.tenantId.equals(machine.tenantId)) {
            throw ProblemException.notFound("machine");
        }
        if (disk.machineId != null || disk.deleting || disk.pending) {
            throw ProblemException.conflict(
                    "wrong-state",
                    disk.machineId != null
                            ? "The disk is with a machine. Detach it there first and wait until it is gone."
                            : "The disk is being " + (disk.deleting ? "deleted." : "grown. Wait until that is done."));
        }
        if (!disk.hostId.equals(machine.hostId)) {
            throw ProblemException.conflict(
                    "other-host",
                    "The disk lies on host " + disk.hostName + " and the machine is on " + machine.hostName
                            + ". Choose a machine on " + disk.hostName + ".");
        }
        disk.target = freeTarget(machineId);
        disk.machineId = machineId;
        disk.pending = true;
        disk.note = "";
        changed(caller, machine, "disk.attach", disk, Map.of("machine", machine.name));
        return view(disk);
    }

    /** Takes a data disk from its machine; it is kept by itself with everything on it. */
    @Transactional
    public Disk detach(Caller caller, UUID diskId) {
        Owned owned = owned(caller, diskId);
        refuseSystem(owned);
        if (owned.machine == null || owned.disk.removing) {
            return view(owned.disk);
        }
        moves.refuseOpen(diskId);
        snapshots.refuseKept(diskId, "detached");
        remove(owned.disk);
        changed(caller, owned.machine, "disk.detach", owned.disk, Map.of("machine", owned.machine.name));
        return view(owned.disk);
    }

    private static void remove(DiskEntity disk) {
        disk.removing = true;
        disk.pending = false;
        disk.note = "";
    }

    /** Makes a disk larger, a system disk too; a running guest sees it. */
    @Transactional
    public Disk grow(Caller caller, UUID diskId, long sizeGib) {
        return grow(caller, owned(caller, diskId), sizeGib, true);
    }

    /** The same for a disk whose quota the caller has taken already. */
    @Transactional(Transactional.TxType.MANDATORY)
    void growTaken(Caller caller, UUID diskId, long sizeGib) {
        grow(caller, owned(caller, diskId), sizeGib, false);
    }

    private Disk grow(Caller caller, Owned owned, long sizeGib, boolean take) {
        DiskEntity disk = owned.disk;
        if (disk.deleting || disk.removing) {
            throw ProblemException.conflict(
                    "wrong-state", "The disk is on its way out, so it can't grow. Wait until it is detached.");
        }
        if (sizeGib == disk.sizeGib) {
            return view(disk);
        }
        new Checks()
                .require(
                        "sizeGib",
                        sizeGib > disk.sizeGib,
                        "A disk can't be made smaller: it has " + disk.sizeGib + " GiB. Choose more.")
                .range("sizeGib", sizeGib, 1, MOST_GIB, "GiB")
                .throwIfAny();
        moves.refuseOpen(disk.id);
        snapshots.refuseKept(disk.id, "grown");
        Profile profile = storage.find(disk.storageProfileId).orElseThrow();
        if (!storage.abilities(profile).contains(Ability.GROW)) {
            throw ProblemException.conflict(
                    "cannot-grow",
                    "Disks on " + profile.slug() + " can't grow. Add a larger disk and copy what is on this one.");
        }
        long more = sizeGib - disk.sizeGib;
        if (take) {
            reserve(caller, disk, profile, owned.holder(), more);
        } else {
            limits.requireRoom(disk.hostId, profile, more);
        }
        Map<String, Object> detail = Map.of("before", disk.sizeGib, "after", sizeGib);
        disk.sizeGib = sizeGib;
        disk.pending = true;
        disk.note = "";
        if (disk.isSystem()) {
            owned.machine.diskGib += more;
        }
        changed(caller, owned.machine, "disk.grow", disk, detail);
        return view(disk);
    }

    /** Deletes a data disk with everything on it, taking it from its machine first. Its quota follows when it is gone. */
    @Transactional
    public Disk delete(Caller caller, UUID diskId) {
        Owned owned = owned(caller, diskId);
        refuseSystem(owned);
        DiskEntity disk = owned.disk;
        if (disk.deleting) {
            return view(disk);
        }
        moves.refuseOpen(diskId);
        snapshots.refuseKept(diskId, "deleted");
        disk.deleting = true;
        if (owned.machine != null) {
            remove(disk);
        }
        changed(caller, owned.machine, "disk.delete", disk, Map.of("sizeGib", disk.sizeGib));
        return view(disk);
    }

    /** The machine is being deleted, and these go with it. */
    void deleteWith(Caller caller, MachineEntity machine) {
        disks.list("machineId = ?1 and target <> ?2 and deleting = false", machine.id, DiskEntity.SYSTEM_TARGET)
                .forEach(disk -> {
                    disk.deleting = true;
                    audit.record(caller, "disk.delete", subject(disk), Map.of("sizeGib", disk.sizeGib));
                });
    }

    private static void refuseSystem(Owned owned) {
        if (owned.disk.isSystem()) {
            throw ProblemException.conflict(
                    "system-disk",
                    "This is the system disk of " + owned.machine.name
                            + ". It goes with its machine: delete that instead.");
        }
    }

    /** A disk and the machine that has it, or null; both locked. */
    private record Owned(DiskEntity disk, MachineEntity machine) {
        /** Who holds the disk's quota. */
        UUID holder() {
            return disk.isSystem() ? machine.id : disk.id;
        }
    }

    /** The machine is locked before the disk, as by everybody. */
    private Owned owned(Caller caller, UUID diskId) {
        Optional<UUID> machineId = visible(caller, diskId);
        MachineEntity machine = machineId.map(id -> forChange(caller, id)).orElse(null);
        DiskEntity disk = locked(diskId);
        if (!Optional.ofNullable(disk.machineId).equals(machineId)) {
            throw ProblemException.conflict("changed-meanwhile", "The disk has just changed hands. Try again.");
        }
        return new Owned(disk, machine);
    }

    /** The machine that has the disk, without reading an entity: one that is read before it is locked stays old. */
    private Optional<UUID> visible(Caller caller, UUID diskId) {
        return disks.getEntityManager()
                .createQuery("select tenantId, machineId from DiskEntity where id = :id", Object[].class)
                .setParameter("id", diskId)
                .getResultStream()
                .filter(row -> caller.sees((UUID) row[0]))
                .findFirst()
                .map(row -> Optional.ofNullable((UUID) row[1]))
                .orElseThrow(() -> ProblemException.notFound("disk"));
    }

    private DiskEntity locked(UUID diskId) {
        return Optional.ofNullable(disks.findById(diskId, LockModeType.PESSIMISTIC_WRITE))
                .orElseThrow(() -> ProblemException.notFound("disk"));
    }

    private MachineEntity forChange(Caller caller, UUID machineId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        if (machine.wanted == Wanted.GONE) {
            throw ProblemException.conflict("wrong-state", "That can't be done while the machine is being deleted.");
        }
        return machine;
    }

    /** @param machine null for a disk that is kept by itself */
    private void changed(
            Caller caller, MachineEntity machine, String action, DiskEntity disk, Map<String, Object> detail) {
        audit.record(caller, action, subject(disk), detail);
        if (machine != null) {
            machine.wantAlso(Operation.DISKS, clock.instant());
        }
        // The rows must be written (and so locked) before the queue is looked at: see the queue on completion.
        disks.flush();
        if (machine != null) {
            queue.enqueue(machine.id, machine.hostName);
        } else {
            queue.enqueueDisk(disk.id, disk.hostName);
        }
    }

    /** Brings the disks of a storage profile up to its new settings. The sweep queues the work. */
    @Transactional(Transactional.TxType.MANDATORY)
    void profileChanged(@Observes StorageProfileChanged changed) {
        // Machines first and in order, as whoever changes one machine locks its row before its disks'.
        machines.getEntityManager()
                .createNativeQuery(
                        """
                        update machine set generation = generation + 1, attempt = 0, settled = false,
                               operation = case when settled then 'DISKS' else operation end,
                               operation_at = case when settled then :now else operation_at end
                         where id in (
                             select m.id from machine m
                              where m.gone_at is null and m.wanted <> 'GONE' and m.failure_code = ''
                                and exists (select 1 from disk d
                                             where d.machine_id = m.id and d.storage_profile_id = :storage)
                              order by m.id for update)""")
                .setParameter("now", Timestamp.from(clock.instant()))
                .setParameter("storage", changed.profileId())
                .executeUpdate();
        disks.update(
                "pending = true, note = '' where storageProfileId = ?1 and machineId is not null and removing = false",
                changed.profileId());
    }

    static Audit.Subject subject(DiskEntity disk) {
        return new Audit.Subject("disk", disk.id, disk.name, disk.tenantId, disk.tenantSlug);
    }

    private Disk view(DiskEntity disk) {
        return views(List.of(disk)).get(0);
    }

    private List<Disk> views(Collection<DiskEntity> rows) {
        return views(
                rows,
                machines.names(rows.stream()
                        .map(disk -> disk.machineId)
                        .filter(id -> id != null)
                        .collect(Collectors.toSet())));
    }

    /** @param names those of the machines that the disks are attached to */
    private List<Disk> views(Collection<DiskEntity> rows, Map<UUID, String> names) {
        Map<UUID, Profile> profiles = specs.profiles(rows);
        return rows.stream()
                .map(disk -> new Disk(
                        disk.id,
                        disk.tenantId,
                        disk.tenantSlug,
                        disk.name,
                        profiles.get(disk.storageProfileId),
                        disk.hostName,
                        disk.machineId,
                        disk.machineId == null ? null : names.get(disk.machineId),
                        disk.target,
                        DiskSpec.serialOf(disk.id),
                        disk.sizeGib,
                        disk.isSystem(),
                        disk.state(),
                        disk.note,
                        disk.createdAt))
                .toList();
    }
}
