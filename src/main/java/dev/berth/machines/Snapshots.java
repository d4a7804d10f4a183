package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.disk.SnapshotSettings;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenants;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What people do with snapshots of machines. Each verb says what is wanted and queues the work. */
@ApplicationScoped
public class Snapshots {
    private static final int MAX_NAME = 60;
    private static final Set<MachineState> AT_REST =
            EnumSet.of(MachineState.RUNNING, MachineState.STOPPED, MachineState.PAUSED);

    @ApplicationScoped
    static class SnapshotRepository implements PanacheRepositoryBase<SnapshotEntity, UUID> {}

    @ApplicationScoped
    static class SnapshotDiskRepository implements PanacheRepositoryBase<SnapshotDiskEntity, SnapshotDiskEntity.Key> {}

    /**
     * Whether a snapshot can be taken of the machine.
     *
     * @param problem why not, or empty
     * @param prices what it costs, one sentence or two for each kind of disk that the machine has
     */
    public record Offer(String problem, List<String> prices) {}

    /**
     * Where a clone comes from.
     *
     * @param machineId the machine whose system disk the snapshot keeps
     * @param sizeGib what the clone's disk has to hold
     */
    public record Source(
            UUID snapshotId, String snapshotName, UUID machineId, UUID revisionId, UUID hostId, long sizeGib) {}

    private final SnapshotRepository snapshots;
    private final SnapshotDiskRepository parts;
    private final MoveRows moves;
    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final StorageProfiles storage;
    private final DiskKinds kinds;
    private final Tenants tenants;
    private final Quotas quotas;
    private final SnapshotsConfig config;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Snapshots(
            SnapshotRepository snapshots,
            SnapshotDiskRepository parts,
            MoveRows moves,
            MachineRepository machines,
            Machines.DiskRepository disks,
            StorageProfiles storage,
            DiskKinds kinds,
            Tenants tenants,
            Quotas quotas,
            SnapshotsConfig config,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.snapshots = snapshots;
        this.parts = parts;
        this.moves = moves;
        this.machines = machines;
        this.disks = disks;
        this.storage = storage;
        this.kinds = kinds;
        this.tenants = tenants;
        this.quotas = quotas;
        this.config = config;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** The machine's snapshots, newest first. */
    @Transactional
    public List<Snapshot> list(Caller caller, UUID machineId) {
        return views(visible(caller, machineId).id);
    }

    @Transactional
    public Snapshot get(Caller caller, UUID machineId, UUID snapshotId) {
        return view(visible(caller, machineId).id, snapshotId);
    }

    /** Whether a snapshot can be taken, and what it costs. */
    @Transactional
    public Offer offer(Caller caller, UUID machineId) {
        MachineEntity machine = visible(caller, machineId);
        List<DiskEntity> all = disksOf(machineId);
        Map<UUID, Profile> profiles = profiles(all);
        List<String> prices = all.stream()
                .map(disk -> kinds.get(profiles.get(disk.storageProfileId).kind()))
                .distinct()
                .map(kind -> kind.snapshotPrice())
                .filter(price -> !price.isEmpty())
                .toList();
        return new Offer(
                objection(machine, all, profiles)
                        .map(ProblemException::getMessage)
                        .orElse(""),
                prices);
    }

    /**
     * Keeps all disks of the machine as they are at one point.
     *
     * @param snapshotId the new snapshot's id: sent twice, it is one snapshot
     */
    @Transactional
    public Snapshot take(Caller caller, UUID machineId, String name, UUID snapshotId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        SnapshotEntity before = snapshots.findById(snapshotId);
        if (before != null && before.machineId.equals(machineId)) {
            return view(machineId, snapshotId);
        }
        List<DiskEntity> all = disksOf(machineId);
        objection(machine, all, profiles(all)).ifPresent(problem -> {
            throw problem;
        });
        all.forEach(disk -> moves.refuseOpen(disk.id));
        String stripped = name == null ? "" : name.strip();
        new Checks()
                .line("name", stripped, MAX_NAME)
                .require(
                        "name",
                        snapshots.count("machineId = ?1 and name = ?2", machineId, stripped) == 0,
                        "The machine has a snapshot of this name. Choose another name.")
                .throwIfAny();
        SnapshotEntity snapshot = new SnapshotEntity();
        snapshot.id = before == null ? snapshotId : UUID.randomUUID();
        snapshot.machineId = machineId;
        snapshot.tenantId = machine.tenantId;
        snapshot.name = stripped;
        snapshot.state = Snapshot.State.TAKING;
        snapshot.createdBy = caller.username();
        snapshot.createdAt = clock.instant();
        quotas.raise(
                tenants.get(caller, machine.tenantSlug),
                snapshot.id,
                caller.userId(),
                Amounts.of(Resource.SNAPSHOTS, 1));
        snapshots.persist(snapshot);
        all.forEach(disk -> {
            SnapshotDiskEntity part = new SnapshotDiskEntity();
            part.snapshotId = snapshot.id;
            part.diskId = disk.id;
            part.volume = disk.volume;
            part.sizeGib = disk.sizeGib;
            parts.persist(part);
        });
        change(caller, machine, Operation.SNAPSHOT, "snapshot.take", snapshot);
        return view(machineId, snapshot.id);
    }

    /**
     * Brings the machine's disks back to the snapshot. What was written since is lost.
     *
     * @param restart what to do with a machine that runs: power it off and start it again afterwards, or refuse
     */
    @Transactional
    public Snapshot revert(Caller caller, UUID machineId, UUID snapshotId, boolean restart) {
        MachineEntity machine = machines.forChange(caller, machineId);
        SnapshotEntity snapshot = forChange(machine, snapshotId);
        if (snapshot.state == Snapshot.State.REVERTING) {
            return view(machineId, snapshotId);
        }
        requireAtRest(machine);
        requireReady(snapshot, "be reverted to");
        if (machine.state != MachineState.STOPPED && !restart) {
            throw ProblemException.conflict(
                    "wrong-state",
                    "The machine is on. Stop it first, or have it powered off and started again with the revert.");
        }
        recheck(caller, machine, snapshot);
        snapshot.state = Snapshot.State.REVERTING;
        snapshot.note = "";
        change(caller, machine, Operation.REVERT, "snapshot.revert", snapshot);
        return view(machineId, snapshotId);
    }

    /** Much may have happened since it was taken: the machine may not get back what it could not get now. */
    private void recheck(Caller caller, MachineEntity machine, SnapshotEntity snapshot) {
        List<SnapshotDiskEntity> kept = parts.list("snapshotId", snapshot.id);
        Map<UUID, DiskEntity> now =
                disksOf(machine.id).stream().collect(Collectors.toMap(disk -> disk.id, disk -> disk));
        Map<UUID, Profile> profiles = profiles(now.values());
        for (SnapshotDiskEntity part : kept) {
            DiskEntity disk = now.get(part.diskId);
            if (disk == null || !disk.volume.equals(part.volume)) {
                throw ProblemException.conflict(
                        "snapshot-outdated",
                        "A disk that the snapshot keeps is no longer with the machine. Attach it again, or delete the"
                                + " snapshot.");
            }
            Profile profile = profiles.get(disk.storageProfileId);
            if (!profile.usableBy(machine.tenantId)) {
                throw ProblemException.conflict(
                        "not-offered",
                        "%s is no longer offered to %s, so disk %s can't be reverted. Ask an admin."
                                .formatted(profile.name(), machine.tenantSlug, disk.target));
            }
        }
        quotas.usage(machine.tenantId).stream()
                .filter(use -> use.resource() == Resource.DISK_GIB
                        || profiles.containsKey(use.line().profileId()))
                .filter(use -> use.used() > use.limit())
                .findFirst()
                .ifPresent(use -> {
                    throw ProblemException.conflict(
                            "quota-exceeded",
                            "%s is over its quota for %s: %s. Delete a machine or a disk, or ask for more; then revert."
                                    .formatted(machine.tenantSlug, use.label(), use.words()));
                });
    }

    @Transactional
    public Snapshot delete(Caller caller, UUID machineId, UUID snapshotId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        SnapshotEntity snapshot = forChange(machine, snapshotId);
        if (snapshot.state == Snapshot.State.DELETING) {
            return view(machineId, snapshotId);
        }
        requireAtRest(machine);
        if (snapshot.state != Snapshot.State.FAILED) {
            requireReady(snapshot, "be deleted");
        }
        refuseIfCloning(List.of(snapshot));
        snapshot.state = Snapshot.State.DELETING;
        snapshot.note = "";
        change(caller, machine, Operation.SNAPSHOT, "snapshot.delete", snapshot);
        return view(machineId, snapshotId);
    }

    /**
     * What is about to happen to this disk can't be done while a snapshot keeps it.
     *
     * @param deed as in "so it can't be ...": {@code grown}
     */
    @Transactional
    public void refuseKept(UUID diskId, String deed) {
        List<String> names = keeping(diskId);
        if (!names.isEmpty()) {
            throw ProblemException.conflict(
                    "kept-by-snapshot",
                    "The disk is kept by %s %s, so it can't be %s. Delete %s first."
                            .formatted(
                                    names.size() == 1 ? "snapshot" : "snapshots",
                                    String.join(", ", names),
                                    deed,
                                    names.size() == 1 ? "it" : "them"));
        }
    }

    /** The names of the snapshots that keep the disk, in the order in which they were taken. */
    @Transactional
    public List<String> keeping(UUID diskId) {
        return snapshots
                .getEntityManager()
                .createQuery(
                        """
                        select s.name from SnapshotEntity s join SnapshotDiskEntity p on p.snapshotId = s.id
                         where p.diskId = :disk order by s.position""",
                        String.class)
                .setParameter("disk", diskId)
                .getResultList();
    }

    /** The snapshot as a clone's origin, if the caller may see it. */
    @Transactional
    public Source source(Caller caller, UUID machineId, UUID snapshotId) {
        MachineEntity machine = visible(caller, machineId);
        SnapshotEntity snapshot = find(machine, snapshotId).orElseThrow(() -> ProblemException.notFound("snapshot"));
        requireReady(snapshot, "be cloned");
        return source(machine, snapshot);
    }

    /** The origin of a clone that is made now: it stays until the clone has its disk. */
    @Transactional(Transactional.TxType.MANDATORY)
    Source hold(UUID snapshotId) {
        var em = snapshots.getEntityManager();
        em.createNativeQuery("select 1 from snapshot where id = :id for update")
                .setParameter("id", snapshotId)
                .getResultList();
        // Not the entities' own word: they may have been read before the row was locked.
        boolean there = em.createQuery(
                                """
                        select count(*) from SnapshotEntity s join MachineEntity m on m.id = s.machineId
                         where s.id = :id and s.state in :kept and m.wanted <> :gone""",
                                Long.class)
                        .setParameter("id", snapshotId)
                        .setParameter("kept", EnumSet.of(Snapshot.State.READY, Snapshot.State.REVERTING))
                        .setParameter("gone", Wanted.GONE)
                        .getSingleResult()
                > 0;
        if (!there) {
            throw ProblemException.conflict(
                    "snapshot-gone",
                    "The snapshot that this machine shall be a clone of is gone or about to go. Clone another one, or make"
                            + " a machine from the template.");
        }
        SnapshotEntity snapshot = snapshots.findById(snapshotId);
        return source(machines.findById(snapshot.machineId), snapshot);
    }

    private Source source(MachineEntity machine, SnapshotEntity snapshot) {
        long size = disks.find("machineId = ?1 and target = ?2", machine.id, DiskEntity.SYSTEM_TARGET)
                .firstResultOptional()
                .map(disk -> disk.sizeGib)
                .orElseThrow(() -> ProblemException.conflict(
                        "no-system-disk", "The machine has no system disk, so there is nothing to clone."));
        return new Source(snapshot.id, snapshot.name, machine.id, machine.revisionId, machine.hostId, size);
    }

    /** A machine can't go while others are copied from it. */
    @Transactional(Transactional.TxType.MANDATORY)
    void refuseIfCloning(UUID machineId) {
        refuseIfCloning(snapshots
                .find("machineId = ?1 order by id", machineId)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list());
    }

    private void refuseIfCloning(List<SnapshotEntity> rows) {
        if (rows.isEmpty()) {
            return;
        }
        List<String> clones = disks.getEntityManager()
                .createQuery(
                        """
                        select m.name from DiskEntity d join MachineEntity m on m.id = d.machineId
                         where d.snapshotId in :snapshots order by m.name""",
                        String.class)
                .setParameter(
                        "snapshots", rows.stream().map(snapshot -> snapshot.id).toList())
                .getResultList();
        if (!clones.isEmpty()) {
            throw ProblemException.conflict(
                    "being-cloned",
                    "%s is being copied from it. Wait until that is done, or delete the new machine first."
                            .formatted(String.join(", ", clones)));
        }
    }

    /** The machine is gone, and all that its snapshots kept. */
    @Transactional(Transactional.TxType.MANDATORY)
    void forgetMachine(UUID machineId) {
        snapshots.list("machineId", machineId).forEach(this::forget);
    }

    @Transactional(Transactional.TxType.MANDATORY)
    void forget(SnapshotEntity snapshot) {
        quotas.release(snapshot.id);
        parts.delete("snapshotId", snapshot.id);
        snapshots.delete(snapshot);
        snapshots.flush();
    }

    /** Deletes the snapshots on this host that have become too old, for the operator or for a storage profile. */
    @Transactional
    public void deleteOld(String hostName) {
        config.snapshotDeleteAfter().ifPresent(age -> deleteOld(hostName, age, Set.of()));
        storage.list().forEach(profile -> SnapshotSettings.age(profile.config())
                .ifPresent(age -> deleteOld(hostName, age, Set.of(profile.id()))));
    }

    /** @param profiles those that one of the disks is on, or none for all */
    @Transactional
    void deleteOld(String hostName, Duration age, Set<UUID> profiles) {
        snapshots
                .getEntityManager()
                .createQuery(
                        """
                        select s.machineId, s.id from SnapshotEntity s join MachineEntity m on m.id = s.machineId
                         where m.hostName = :host and m.goneAt is null and m.state in :rest and m.settled
                           and s.state = :ready and s.createdAt < :before
                           and not exists (select 1 from DiskEntity d where d.snapshotId = s.id)
                           and (:all = true or exists (
                               select 1 from SnapshotDiskEntity p join DiskEntity d on d.id = p.diskId
                                where p.snapshotId = s.id and d.storageProfileId in :profiles))
                         order by s.machineId, s.position""",
                        Object[].class)
                .setParameter("host", hostName)
                .setParameter("rest", AT_REST)
                .setParameter("ready", Snapshot.State.READY)
                .setParameter("before", clock.instant().minus(age))
                .setParameter("all", profiles.isEmpty())
                .setParameter("profiles", profiles)
                .getResultList()
                .forEach(row -> delete(Caller.system("age"), (UUID) row[0], (UUID) row[1]));
    }

    private Optional<ProblemException> objection(
            MachineEntity machine, List<DiskEntity> all, Map<UUID, Profile> profiles) {
        if (!AT_REST.contains(machine.state)) {
            return Optional.of(notAtRest(machine));
        }
        if (all.isEmpty()) {
            return Optional.of(ProblemException.conflict("no-disks", "The machine has no disk to keep."));
        }
        Optional<DiskEntity> coming = all.stream().filter(disk -> !disk.made).findFirst();
        if (coming.isPresent()) {
            return Optional.of(ProblemException.conflict(
                    "wrong-state", "Disk " + coming.get().target + " is still being added. Wait until it is there."));
        }
        return all.stream()
                .filter(disk -> !kinds.get(profiles.get(disk.storageProfileId).kind())
                        .abilities()
                        .contains(Ability.SNAPSHOTS))
                .findFirst()
                .map(disk -> ProblemException.conflict(
                        "no-snapshots",
                        "Disk %s is on %s, whose disks can't have snapshots. A machine's disks are kept together or not at all."
                                .formatted(
                                        disk.target,
                                        profiles.get(disk.storageProfileId).name())));
    }

    private static void requireAtRest(MachineEntity machine) {
        if (!AT_REST.contains(machine.state)) {
            throw notAtRest(machine);
        }
    }

    private static ProblemException notAtRest(MachineEntity machine) {
        return ProblemException.conflict(
                "wrong-state",
                "Snapshots are taken, reverted to and deleted while the machine runs or is stopped; it is "
                        + machine.state.label().toLowerCase(java.util.Locale.ROOT) + ".");
    }

    private static void requireReady(SnapshotEntity snapshot, String deed) {
        if (snapshot.state != Snapshot.State.READY) {
            throw ProblemException.conflict(
                    "wrong-state",
                    "Only a snapshot that is ready can %s; this one is %s."
                            .formatted(deed, snapshot.state.label().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    private void change(
            Caller caller, MachineEntity machine, Operation operation, String action, SnapshotEntity snapshot) {
        machine.wantAlso(operation, clock.instant());
        audit.record(caller, action, Machines.subject(machine), Map.of("snapshot", snapshot.name));
        // The row must be written (and so locked) before the queue is looked at: see the queue on completion.
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
    }

    private MachineEntity visible(Caller caller, UUID machineId) {
        return machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
    }

    private Optional<SnapshotEntity> find(MachineEntity machine, UUID snapshotId) {
        return snapshots
                .find("id = ?1 and machineId = ?2", snapshotId, machine.id)
                .firstResultOptional();
    }

    private SnapshotEntity forChange(MachineEntity machine, UUID snapshotId) {
        return snapshots
                .find("id = ?1 and machineId = ?2", snapshotId, machine.id)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("snapshot"));
    }

    private List<DiskEntity> disksOf(UUID machineId) {
        return disks.list("machineId = ?1 and removing = false order by target", machineId);
    }

    private Map<UUID, Profile> profiles(java.util.Collection<DiskEntity> of) {
        return of.isEmpty()
                ? Map.of()
                : storage.find(of.stream().map(disk -> disk.storageProfileId).collect(Collectors.toSet())).stream()
                        .collect(Collectors.toMap(Profile::id, profile -> profile));
    }

    /** How old snapshots on these storage profiles may get, of those that say so. */
    private Map<UUID, Duration> ages(Set<UUID> profileIds) {
        return profileIds.isEmpty()
                ? Map.of()
                : storage.find(profileIds).stream()
                        .filter(profile ->
                                SnapshotSettings.age(profile.config()).isPresent())
                        .collect(Collectors.toMap(Profile::id, profile -> SnapshotSettings.age(profile.config())
                                .orElseThrow()));
    }

    private Snapshot view(UUID machineId, UUID snapshotId) {
        return views(machineId).stream()
                .filter(snapshot -> snapshot.id().equals(snapshotId))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("snapshot"));
    }

    private List<Snapshot> views(UUID machineId) {
        List<SnapshotEntity> rows = snapshots.list("machineId = ?1 order by position desc", machineId);
        Map<UUID, List<Snapshot.Part>> kept = new HashMap<>();
        Map<UUID, Set<UUID>> on = new HashMap<>();
        snapshots
                .getEntityManager()
                .createQuery(
                        """
                        select p, d.target, d.storageProfileId from SnapshotDiskEntity p join DiskEntity d on d.id = p.diskId
                         where p.snapshotId in (select s.id from SnapshotEntity s where s.machineId = :machine)
                         order by d.target""",
                        Object[].class)
                .setParameter("machine", machineId)
                .getResultList()
                .forEach(row -> {
                    SnapshotDiskEntity part = (SnapshotDiskEntity) row[0];
                    kept.computeIfAbsent(part.snapshotId, id -> new java.util.ArrayList<>())
                            .add(new Snapshot.Part(part.diskId, (String) row[1], part.sizeGib));
                    on.computeIfAbsent(part.snapshotId, id -> new HashSet<>()).add((UUID) row[2]);
                });
        Map<UUID, Duration> ages =
                ages(on.values().stream().flatMap(Set::stream).collect(Collectors.toSet()));
        return rows.stream()
                .map(row -> new Snapshot(
                        row.id,
                        row.name,
                        row.state,
                        row.note,
                        row.sizeBytes,
                        row.filledPercent,
                        row.frozen,
                        row.createdBy,
                        row.createdAt,
                        row.createdAt.plus(config.snapshotWarnAfter()).isBefore(clock.instant()),
                        Stream.concat(
                                        config.snapshotDeleteAfter().stream(),
                                        on.getOrDefault(row.id, Set.of()).stream()
                                                .filter(ages::containsKey)
                                                .map(ages::get))
                                .min(Duration::compareTo)
                                .map(row.createdAt::plus)
                                .orElse(null),
                        List.copyOf(kept.getOrDefault(row.id, List.of()))))
                .toList();
    }
}
