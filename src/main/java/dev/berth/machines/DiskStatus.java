package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * How disks' rows follow the work on them. For the worker, in short transactions as in {@link MachineStatus}. A disk
 * that is with a machine is the machine's job; one that is kept by itself has a job of its own.
 */
@ApplicationScoped
public class DiskStatus {
    private static final Caller WORKER = Caller.system("worker");
    private static final String LOST =
            "The disk was removed on its host, not by Berth. Put it back from a backup, or delete it here too.";

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final DiskSpecs specs;
    private final Devices devices;
    private final MachineQueue queue;
    private final Quotas quotas;
    private final Audit audit;

    DiskStatus(
            MachineRepository machines,
            Machines.DiskRepository disks,
            DiskSpecs specs,
            Devices devices,
            MachineQueue queue,
            Quotas quotas,
            Audit audit) {
        this.machines = machines;
        this.disks = disks;
        this.specs = specs;
        this.devices = devices;
        this.queue = queue;
        this.quotas = quotas;
        this.audit = audit;
    }

    /** These disks are there and whole. From now on a missing one is a loss. */
    @Transactional
    public void made(Task task, Collection<MachineDisk> made) {
        update(task, () -> disks.update("made = true where id in ?1 and made = false", ids(made)));
    }

    /** The domain has these disks as they should be. */
    @Transactional
    public void plugged(Task task, Collection<MachineDisk> plugged) {
        note(task, plugged, false, "");
    }

    /** The domain gets these disks, or what changed of them, when it next starts. */
    @Transactional
    public void atNextStart(Task task, Collection<MachineDisk> refused) {
        note(task, refused, true, "Takes effect at the next start.");
    }

    /** The guest does not let go of these disks. */
    @Transactional
    public void held(Task task, Collection<MachineDisk> held) {
        note(task, held, false, "The guest still holds this disk; it goes when the machine next stops.");
    }

    private void note(Task task, Collection<MachineDisk> those, boolean pending, String note) {
        if (!those.isEmpty()) {
            update(task, () -> disks.update("pending = ?1, note = ?2 where id in ?3", pending, note, ids(those)));
        }
    }

    /** No domain has these disks any more: they are kept by themselves, or go. */
    @Transactional
    public void released(Task task, Collection<MachineDisk> free) {
        update(task, () -> disks.list("id in ?1 and removing = true", ids(free)).forEach(this::release));
    }

    /** The machine is gone; in the transaction that says so. */
    @Transactional(Transactional.TxType.MANDATORY)
    void releaseAll(UUID machineId) {
        for (DiskEntity disk : disks.list("machineId", machineId)) {
            if (disk.isSystem()) {
                devices.release(List.of(disk.volume));
                disks.delete(disk);
            } else {
                release(disk);
            }
        }
    }

    private void release(DiskEntity disk) {
        disk.machineId = null;
        disk.target = null;
        disk.removing = false;
        disk.pending = false;
        disk.note = "";
        // What was never handed over holds nothing.
        disk.deleting = disk.deleting || !disk.made;
        disks.flush();
        if (disk.deleting) {
            queue.enqueueDisk(disk.id, disk.hostName);
        }
    }

    /** A disk that is kept by itself, if there is something to do with it. */
    @Transactional
    public Optional<MachineDisk> loose(UUID id) {
        return disks.findByIdOptional(id)
                .filter(disk -> disk.machineId == null && (disk.deleting || disk.pending))
                .map(disk -> specs.of(List.of(disk)).get(0));
    }

    /** Those of the host that are kept by themselves and with which something is to be done. */
    @Transactional
    public List<UUID> unfinished(String hostName) {
        return disks.getEntityManager()
                .createQuery(
                        """
                        select id from DiskEntity where hostName = :host and machineId is null
                           and (deleting = true or pending = true)""",
                        UUID.class)
                .setParameter("host", hostName)
                .getResultList();
    }

    /** Those of the host that are kept by themselves and at rest. */
    @Transactional
    public List<MachineDisk> kept(String hostName) {
        return specs.of(disks.list(
                "hostName = ?1 and machineId is null and deleting = false and pending = false order by id", hostName));
    }

    /** Which of the disks that are kept by themselves lie on their host, and which don't. */
    @Transactional
    public void lookedFor(Collection<UUID> found, Collection<UUID> lost) {
        if (!found.isEmpty()) {
            disks.update("note = '' where id in ?1 and machineId is null and note = ?2", found, LOST);
        }
        if (!lost.isEmpty()) {
            disks.update(
                    "note = ?2 where id in ?1 and machineId is null and deleting = false and note <> ?2", lost, LOST);
        }
    }

    /** The disk that is kept by itself is as large as it was to be; somebody may want more by now. */
    @Transactional
    public void grown(MachineDisk done) {
        loose(done, disk -> {
            disk.pending = disk.sizeGib > done.spec().sizeGib();
            disk.note = "";
        });
    }

    /** What a person should know of the work on a disk that is kept by itself. */
    @Transactional
    public void note(UUID id, String note) {
        disks.update("note = ?1 where id = ?2 and machineId is null", note, id);
    }

    /** Nothing of the disk is left on its host: its space is given back. */
    @Transactional
    public void gone(MachineDisk done) {
        loose(done, disk -> {
            if (disk.deleting) {
                quotas.release(disk.id);
                devices.release(List.of(disk.volume));
                audit.record(WORKER, "disk.gone", Disks.subject(disk), Map.of());
                disks.delete(disk);
            }
        });
    }

    private void loose(MachineDisk done, Consumer<DiskEntity> change) {
        Optional.ofNullable(disks.findById(done.id(), LockModeType.PESSIMISTIC_WRITE))
                .filter(disk -> disk.machineId == null)
                .ifPresent(change);
    }

    private void update(Task task, Runnable change) {
        machines.stillWanting(task).ifPresent(machine -> change.run());
    }

    private static List<UUID> ids(Collection<MachineDisk> disks) {
        return disks.stream().map(MachineDisk::id).toList();
    }
}
