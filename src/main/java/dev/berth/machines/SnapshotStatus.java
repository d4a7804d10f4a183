package dev.berth.machines;

import dev.berth.hypervisor.DiskSpec;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * How snapshots' rows follow the work on them. For the worker, in short transactions. A snapshot's own state says what is
 * to be done, so what was done counts whatever else is wanted of the machine by now.
 */
@ApplicationScoped
public class SnapshotStatus {
    /**
     * A snapshot that something has to be done with.
     *
     * @param disks those of the machine's disks that it keeps
     * @param again whether an earlier try may have ended in the middle
     */
    public record Job(UUID id, String name, Snapshot.State state, List<DiskSpec> disks, boolean again) {}

    /** A clone's disk that is still to be filled from what a snapshot keeps of another. */
    public record Filling(UUID snapshotId, DiskSpec from, DiskSpec to) {}

    private final Snapshots snapshots;
    private final Snapshots.SnapshotRepository rows;
    private final Snapshots.SnapshotDiskRepository parts;
    private final Machines.DiskRepository disks;
    private final DiskSpecs specs;

    SnapshotStatus(
            Snapshots snapshots,
            Snapshots.SnapshotRepository rows,
            Snapshots.SnapshotDiskRepository parts,
            Machines.DiskRepository disks,
            DiskSpecs specs) {
        this.snapshots = snapshots;
        this.rows = rows;
        this.parts = parts;
        this.disks = disks;
        this.specs = specs;
    }

    /** What is to be done with the machine's snapshots, in the order in which they were taken. */
    @Transactional
    public List<Job> jobs(Task task) {
        return jobs(task, Set.of(Snapshot.State.TAKING, Snapshot.State.REVERTING, Snapshot.State.DELETING));
    }

    /** All snapshots of the machine. */
    @Transactional
    public List<Job> all(Task task) {
        return jobs(task, Set.of(Snapshot.State.values()));
    }

    private List<Job> jobs(Task task, Set<Snapshot.State> states) {
        return rows.find("machineId = ?1 and state in ?2 order by position", task.id(), states).stream()
                .map(row -> new Job(row.id, row.name, row.state, disks(task, row.id), row.paused))
                .toList();
    }

    private List<DiskSpec> disks(Task task, UUID snapshotId) {
        Set<UUID> kept = parts.list("snapshotId", snapshotId).stream()
                .map(part -> part.diskId)
                .collect(Collectors.toSet());
        return task.domain().disks().stream()
                .filter(disk -> kept.contains(disk.id()))
                .toList();
    }

    /** The machine may be held from now on. */
    @Transactional
    public void begun(Job job) {
        update(job, row -> row.paused = true);
    }

    @Transactional
    public void taken(Job job, boolean frozen, long bytes) {
        update(job, row -> {
            row.state = Snapshot.State.READY;
            row.frozen = frozen;
            row.paused = false;
            row.sizeBytes = bytes;
            row.filledPercent = null;
        });
    }

    @Transactional
    public void reverted(Job job) {
        update(job, row -> row.state = Snapshot.State.READY);
    }

    /** Nothing of it is left on the host: its quota is free again. */
    @Transactional
    public void deleted(Job job) {
        update(job, snapshots::forget);
    }

    /** It won't be done. The machine is none the worse for it. */
    @Transactional
    public void failed(Job job, String sentence) {
        update(job, row -> {
            row.state = Snapshot.State.FAILED;
            row.paused = false;
            row.note = sentence;
        });
    }

    private void update(Job job, Consumer<SnapshotEntity> change) {
        SnapshotEntity row = rows.findById(job.id(), LockModeType.PESSIMISTIC_WRITE);
        if (row != null && row.state == job.state()) {
            change.accept(row);
        }
    }

    /** Those of the machine's disks that are still to be filled from a snapshot. */
    @Transactional
    public List<Filling> fillings(Task task) {
        return disks.list("machineId = ?1 and snapshotId is not null order by target", task.id()).stream()
                .map(disk -> new Filling(
                        disk.snapshotId,
                        origin(disk.snapshotId),
                        task.domain().disks().stream()
                                .filter(spec -> spec.id().equals(disk.id))
                                .findFirst()
                                .orElseThrow()))
                .toList();
    }

    private DiskSpec origin(UUID snapshotId) {
        return disks.getEntityManager()
                .createQuery(
                        """
                        select d from DiskEntity d join SnapshotDiskEntity p on p.diskId = d.id
                         where p.snapshotId = :snapshot and d.target = :system""",
                        DiskEntity.class)
                .setParameter("snapshot", snapshotId)
                .setParameter("system", DiskEntity.SYSTEM_TARGET)
                .getResultStream()
                .findFirst()
                .map(disk -> specs.of(List.of(disk)).get(0).spec())
                .orElseThrow();
    }

    /** The disk has all that the snapshot keeps, and stands by itself from now on. */
    @Transactional
    public void filled(Filling filling) {
        disks.update("snapshotId = null where id = ?1", filling.to().id());
    }
}
