package dev.berth.machines;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What hosts show, told to the machines' rows. A settled machine that changed without Berth is believed: one that was
 * stopped on its host is stopped, one that was started runs. What can't be believed away is a failure with a sentence.
 */
@ApplicationScoped
public class Observations {
    static final String DOMAIN_MISSING = "domain-missing";
    static final String DISK_MISSING = "disk-missing";

    /** A machine as the sweep compares it. */
    public record Row(UUID id, Seen seen, boolean settled, boolean provisioned, boolean failed) {}

    private final MachineRepository machines;
    private final Addresses.NicRepository nics;
    private final Machines.DiskRepository disks;
    private final ShareRows shares;
    private final Timeline timeline;
    private final TroubleNotices notices;
    private final MachineHolds holds;
    private final Clock clock;

    Observations(
            MachineRepository machines,
            Addresses.NicRepository nics,
            Machines.DiskRepository disks,
            ShareRows shares,
            Timeline timeline,
            TroubleNotices notices,
            MachineHolds holds,
            Clock clock) {
        this.machines = machines;
        this.nics = nics;
        this.disks = disks;
        this.shares = shares;
        this.timeline = timeline;
        this.notices = notices;
        this.holds = holds;
        this.clock = clock;
    }

    /** Every machine of the host that is not gone. */
    @Transactional
    public List<Row> rows(String hostName) {
        return machines.getEntityManager()
                .createQuery(
                        """
                        select id, seen, settled, provisionedAt is not null, failureCode <> ''
                          from MachineEntity where hostName = :host and goneAt is null""",
                        Row.class)
                .setParameter("host", hostName)
                .getResultList();
    }

    /** The volumes of the disks that each machine of the host has. */
    @Transactional
    public Map<UUID, List<UUID>> volumes(String hostName) {
        return machines.getEntityManager()
                .createQuery(
                        """
                        select m.id, d.volume from DiskEntity d join MachineEntity m on m.id = d.machineId
                         where m.hostName = :host and m.goneAt is null and d.made and not d.removing""",
                        Object[].class)
                .setParameter("host", hostName)
                .getResultStream()
                .collect(Collectors.groupingBy(
                        row -> (UUID) row[0], Collectors.mapping(row -> (UUID) row[1], Collectors.toList())));
    }

    /**
     * Looks at one machine and believes what is there. The look happens while the row is locked, so nothing that the
     * reconciler wrote in between is overwritten by something older.
     */
    @Transactional
    public void observe(UUID id, Supplier<Seen> look) {
        MachineEntity machine = machines.findById(id, LockModeType.PESSIMISTIC_WRITE);
        if (machine == null || machine.goneAt != null) {
            return;
        }
        Seen seen = look.get();
        if (seen == machine.seen) {
            return;
        }
        machine.seen(seen, clock.instant());
        if (machine.settled && machine.provisionedAt != null && machine.wanted != Wanted.GONE) {
            believe(machine, seen);
            // What the guest held, or what waited for a start, can now be brought to its end.
            if (machine.failureCode.isEmpty()
                    && atRest(seen)
                    && (hasUnfinishedCards(id) || hasUnfinishedDisks(id) || shares.unfinished(id))) {
                machine.settled = false;
            }
        }
        machine.deriveState();
    }

    private static boolean atRest(Seen seen) {
        return seen == Seen.RUNNING || seen == Seen.STOPPED || seen == Seen.CRASHED;
    }

    private boolean hasUnfinishedCards(UUID id) {
        return nics.count("machineId = ?1 and (removing = true or pending = true)", id) > 0;
    }

    private boolean hasUnfinishedDisks(UUID id) {
        return disks.count("machineId = ?1 and (removing = true or pending = true)", id) > 0;
    }

    private void believe(MachineEntity machine, Seen seen) {
        if (machine.failureCode.equals(DOMAIN_MISSING) && seen != Seen.NONE) {
            note(machine, "The domain is back on its host.");
            machine.failureCode = "";
            machine.failure = "";
        }
        switch (seen) {
            case NONE -> {
                if (machine.failureCode.isEmpty()) {
                    machine.failureCode = DOMAIN_MISSING;
                    machine.failure =
                            "The machine's domain was removed on its host, not by Berth. Try again to define it anew"
                                    + " with its disk, or delete the machine.";
                    note(machine, "The domain is no longer on its host.");
                    notices.failed(machine);
                }
            }
            case STOPPED, CRASHED -> {
                if (machine.wanted == Wanted.RUNNING) {
                    machine.wanted = Wanted.STOPPED;
                    holds.stopped(machine);
                    machine.address = "";
                    nics.update("seenAddress = '' where machineId = ?1 and seenAddress <> ''", machine.id);
                    note(
                            machine,
                            seen == Seen.CRASHED
                                    ? "The guest crashed."
                                    : "Stopped from inside the guest or on its host.");
                }
            }
            case RUNNING -> {
                if (machine.wanted == Wanted.STOPPED) {
                    machine.wanted = Wanted.RUNNING;
                    holds.startedElsewhere(machine);
                    note(machine, "Started on its host, not by Berth.");
                }
            }
            case PAUSED -> note(machine, "Paused on its host, not by Berth.");
            case SHUTTING_DOWN -> {}
        }
    }

    /** A disk that was handed over is no longer there. */
    @Transactional
    public void diskMissing(UUID id) {
        MachineEntity machine = machines.findById(id, LockModeType.PESSIMISTIC_WRITE);
        if (machine == null
                || machine.goneAt != null
                || !machine.settled
                || machine.wanted == Wanted.GONE
                || !machine.failureCode.isEmpty()) {
            return;
        }
        machine.failureCode = DISK_MISSING;
        machine.failure =
                "The machine's disk was removed on its host, not by Berth. Put it back from a backup and try again, or"
                        + " delete the machine.";
        note(machine, "The disk is no longer on its host.");
        notices.failed(machine);
        machine.deriveState();
    }

    private void note(MachineEntity machine, String text) {
        machine.generation++;
        machine.operation = Operation.OBSERVE;
        machine.operationAt = clock.instant();
        timeline.note(machine, Operation.OBSERVE, text);
    }
}
