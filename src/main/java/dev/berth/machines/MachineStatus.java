package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.common.Printable;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.DomainSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.SeedSpec;
import dev.berth.hypervisor.ShareSpec;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * How a machine's row follows the work on it. For the reconciler: each method is one short transaction, and writes
 * nothing for a generation that has moved on.
 */
@ApplicationScoped
public class MachineStatus {
    private static final Caller WORKER = Caller.system("worker");

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final Addresses.NicRepository nics;
    private final CardSpecs specs;
    private final MacPool macs;
    private final Forwards forwards;
    private final Snapshots snapshots;
    private final Timeline timeline;
    private final DiskSpecs diskSpecs;
    private final Boots boots;
    private final DiskStatus diskStatus;
    private final ShareRows shares;
    private final Hosts hosts;
    private final Quotas quotas;
    private final MachineHolds holds;
    private final Audit audit;
    private final TroubleNotices notices;
    private final Clock clock;

    MachineStatus(
            MachineRepository machines,
            Machines.DiskRepository disks,
            Addresses.NicRepository nics,
            CardSpecs specs,
            MacPool macs,
            Forwards forwards,
            Snapshots snapshots,
            Timeline timeline,
            DiskSpecs diskSpecs,
            Boots boots,
            DiskStatus diskStatus,
            ShareRows shares,
            Hosts hosts,
            Quotas quotas,
            MachineHolds holds,
            Audit audit,
            TroubleNotices notices,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.nics = nics;
        this.specs = specs;
        this.macs = macs;
        this.forwards = forwards;
        this.snapshots = snapshots;
        this.timeline = timeline;
        this.diskSpecs = diskSpecs;
        this.boots = boots;
        this.diskStatus = diskStatus;
        this.shares = shares;
        this.hosts = hosts;
        this.quotas = quotas;
        this.holds = holds;
        this.audit = audit;
        this.notices = notices;
        this.clock = clock;
    }

    /** What is to be done, or empty for a machine that is gone. */
    @Transactional
    public Optional<Task> task(UUID id) {
        return machines.findByIdOptional(id)
                .filter(machine -> machine.goneAt == null)
                .map(this::task);
    }

    /** The machine's generation as it is now, or -1 when there is no such machine. */
    @Transactional
    public long generation(UUID id) {
        return machines.findByIdOptional(id).map(machine -> machine.generation).orElse(-1L);
    }

    /** The host of a machine that is being worked on, or empty for one that is settled or gone. */
    @Transactional
    public Optional<String> unsettledHost(UUID id) {
        return machines.findByIdOptional(id)
                .filter(machine -> machine.goneAt == null && !machine.settled)
                .map(machine -> machine.hostName);
    }

    /** The cards of all machines that were last seen running on the host. */
    @Transactional
    public List<NicSpec> runningNics(String hostName) {
        return runningNics("m.hostName = :value", hostName);
    }

    /** The cards of the machine if it was last seen running. */
    @Transactional
    public List<NicSpec> runningNics(UUID id) {
        return runningNics("m.id = :value", id);
    }

    private List<NicSpec> runningNics(String condition, Object value) {
        List<Object[]> rows = nics.getEntityManager()
                .createQuery(
                        "select m, n from MachineEntity m join NicEntity n on n.machineId = m.id"
                                + " where m.goneAt is null and m.seen = :running and not n.removing and " + condition,
                        Object[].class)
                .setParameter("running", Seen.RUNNING)
                .setParameter("value", value)
                .getResultList();
        return specs.ofRows(rows).stream().map(Card::spec).toList();
    }

    private Task task(MachineEntity machine) {
        List<MachineDisk> all = diskSpecs.of(disks.list("machineId = ?1 order by target", machine.id));
        List<DiskSpec> staying = all.stream()
                .filter(disk -> !disk.removing())
                .map(MachineDisk::spec)
                .toList();
        List<Card> cards = specs.of(machine, nics.list("machineId = ?1 order by position", machine.id));
        List<NicSpec> nicSpecs =
                cards.stream().filter(card -> !card.removing()).map(Card::spec).toList();
        List<MachineShare> machineShares = shares.specs(machine);
        List<ShareSpec> stayingShares = machineShares.stream()
                .filter(share -> !share.removing())
                .map(MachineShare::spec)
                .toList();
        DomainSpec domain = new DomainSpec(
                machine.id,
                "berth-" + machine.tenantSlug + "-" + machine.name,
                hosts.installationId(),
                machine.tenantSlug,
                machine.name,
                machine.vcpus,
                machine.memoryMib,
                staying,
                nicSpecs,
                stayingShares,
                boots.of(machine));
        SeedSpec seed = new SeedSpec(
                machine.id, machine.name, machine.sshKeys.lines().toList(), machine.userData, nicSpecs, stayingShares);
        return new Task(
                machine.id,
                machine.hostName,
                machine.generation,
                machine.operation,
                machine.operationAt,
                machine.wanted,
                machine.restart.isEmpty() ? null : Restart.valueOf(machine.restart),
                machine.forceStop,
                machine.resizing,
                machine.attempt,
                machine.provisionedAt != null,
                !machine.failureCode.isEmpty(),
                machine.settled,
                cards,
                all,
                machineShares,
                domain,
                seed);
    }

    /** The network profiles that machines of the host have cards on. */
    @Transactional
    public List<UUID> networksInUse(String hostName) {
        return nics.getEntityManager()
                .createQuery(
                        """
                        select distinct n.networkProfileId from NicEntity n join MachineEntity m on m.id = n.machineId
                         where m.hostName = :host and m.goneAt is null""",
                        UUID.class)
                .setParameter("host", hostName)
                .getResultList();
    }

    /**
     * A step begins, or begins again.
     *
     * @return when it began
     */
    @Transactional
    public Instant stepStarted(Task task, String step) {
        return timeline.started(task, step);
    }

    /** How far a step is that is under way. */
    @Transactional
    public void stepProgress(Task task, String step, String message) {
        timeline.progress(task, step, message);
    }

    @Transactional
    public void stepDone(Task task, String step, String message) {
        timeline.finished(task, step, TimelineEntry.State.DONE, message);
    }

    /**
     * The domain runs: the machine is its owner's from now on.
     *
     * @param fresh it was off before, so it has all its cards as they should be
     */
    @Transactional
    public void running(Task task, boolean fresh) {
        update(task, machine -> {
            if (fresh) {
                nics.update("pending = false, note = '' where machineId = ?1 and removing = false", machine.id);
            }
            machine.seen(Seen.RUNNING, clock.instant());
            if (machine.provisionedAt == null) {
                machine.provisionedAt = clock.instant();
                disks.update("made = true where machineId = ?1 and target = ?2", machine.id, DiskEntity.SYSTEM_TARGET);
            }
        });
    }

    /** What the reconciler saw on its way. */
    @Transactional
    public void seen(Task task, Seen seen) {
        update(task, machine -> machine.seen(seen, clock.instant()));
    }

    @Transactional
    public void restarted(Task task) {
        update(task, machine -> machine.restart = "");
    }

    /** The domain was off and is defined with the machine's figures: it can't start with others any more. */
    @Transactional
    public void resized(Task task) {
        update(task, machine -> {
            if (machine.resizing) {
                machine.resizing = false;
                machine.formerSize = null;
                machine.formerVcpus = null;
                machine.formerMemoryMib = null;
                holds.resized(machine);
            }
        });
    }

    /** All is as wanted. */
    @Transactional
    public void settled(Task task) {
        update(task, machine -> {
            machine.settled = true;
            machine.forceStop = false;
            machine.attempt = 0;
            if (task.wanted() == Wanted.STOPPED) {
                machine.address = "";
                nics.update("seenAddress = '' where machineId = ?1 and seenAddress <> ''", machine.id);
                holds.stopped(machine);
            }
        });
    }

    /**
     * A step failed; it will be tried again.
     *
     * @param countAttempt false for a host that is away, which may take as long as it takes
     */
    @Transactional
    public void stepFailed(Task task, String step, String message, boolean countAttempt) {
        timeline.finished(task, step, TimelineEntry.State.FAILED, message);
        if (countAttempt) {
            update(task, machine -> machine.attempt++);
        }
    }

    /** It failed for good: a person has to act. The quota stays reserved until the machine is gone. */
    @Transactional
    public void failed(Task task, String step, String code, String message) {
        timeline.finished(task, step, TimelineEntry.State.FAILED, message);
        update(task, machine -> {
            machine.failureCode = code;
            machine.failure = Printable.of(message);
            machine.settled = true;
            audit.record(WORKER, "machine.fail", Machines.subject(machine), Map.of("code", code, "step", step));
            notices.failed(machine);
        });
    }

    /** Nothing of it is left on the host: the quota and the addresses are free again. */
    @Transactional
    public void gone(Task task) {
        update(task, machine -> {
            quotas.release(holders(machine.id));
            forwards.forgetMachine(machine.id);
            snapshots.forgetMachine(machine.id);
            nics.delete("machineId", machine.id);
            macs.releaseAll(machine.id);
            diskStatus.releaseAll(machine.id);
            shares.delete("machineId", machine.id);
            machine.seen(Seen.NONE, clock.instant());
            machine.goneAt = clock.instant();
            machine.settled = true;
            machine.address = "";
            machine.sshKeys = "";
            machine.userData = "";
            audit.record(WORKER, "machine.gone", Machines.subject(machine), Map.of());
        });
    }

    /** All that hold a part of the quota and are gone with the machine. */
    private List<UUID> holders(UUID machineId) {
        List<UUID> holders = new ArrayList<>(List.of(machineId));
        for (String what : List.of("NicEntity", "ForwardEntity", "SnapshotEntity")) {
            holders.addAll(nics.getEntityManager()
                    .createQuery("select id from " + what + " where machineId = :machine", UUID.class)
                    .setParameter("machine", machineId)
                    .getResultList());
        }
        return holders;
    }

    private void update(Task task, Consumer<MachineEntity> change) {
        machines.stillWanting(task).ifPresent(machine -> {
            change.accept(machine);
            machine.deriveState();
        });
    }
}
