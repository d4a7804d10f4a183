package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Policy;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What people do with the leases of machines. {@link LeaseKeeper} sees to their ends. */
@ApplicationScoped
public class Leases {
    @ApplicationScoped
    static class WarningRepository implements PanacheRepositoryBase<LeaseWarningEntity, LeaseWarningEntity.Key> {}

    /**
     * How many hours from now on a lease may be set to.
     *
     * @param usual what one click sets it to; 0 for not at all
     * @param byItself without anybody's yes; 0 for not at all
     * @param longest at all
     */
    public record Terms(int usual, int byItself, int longest) {
        public boolean asking() {
            return longest > byItself;
        }
    }

    private final MachineRepository machines;
    private final WarningRepository warnings;
    private final Templates templates;
    private final LeasePolicy leasePolicy;
    private final LeasesConfig config;
    private final Timeline timeline;
    private final Audit audit;
    private final Clock clock;

    Leases(
            MachineRepository machines,
            WarningRepository warnings,
            Templates templates,
            LeasePolicy leasePolicy,
            LeasesConfig config,
            Timeline timeline,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.warnings = warnings;
        this.templates = templates;
        this.leasePolicy = leasePolicy;
        this.config = config;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** What holds for this caller and a team's machines that were made from this revision. */
    @Transactional
    public Terms terms(Caller caller, UUID tenantId, UUID revisionId) {
        Template template = templates.templateOf(revisionId);
        Policy policy = template.policy();
        if (caller.admin()) {
            return new Terms(policy.maxLeaseHours(), Templates.LONGEST_LEASE_HOURS, Templates.LONGEST_LEASE_HOURS);
        }
        int byItself = leasePolicy.byItself(tenantId, template);
        return new Terms(
                Math.min(policy.maxLeaseHours(), byItself), byItself, Math.max(byItself, policy.longestLeaseHours()));
    }

    /**
     * The lease ends this many hours from now. Over what the template lets pass by itself, only an admin may. A machine
     * whose lease has ended is kept by this; it stays stopped until somebody starts it.
     */
    @Transactional
    public Machine extend(Caller caller, UUID id, int hours) {
        MachineEntity machine = forChange(caller, id);
        int longest = terms(caller, machine.tenantId, machine.revisionId).byItself();
        new Checks()
                .require("hours", longest > 0, "For this template an admin has to extend leases.")
                .range("hours", hours, 1, longest, "hours")
                .throwIfAny();
        return set(caller, machine, hours);
    }

    /** The lease is what the template lets pass by itself, or as it is if that is longer. */
    @Transactional
    public Machine extend(Caller caller, UUID id) {
        MachineEntity machine = forChange(caller, id);
        if (machine.leaseUntil == null) {
            return machine.toMachine();
        }
        int hours = terms(caller, machine.tenantId, machine.revisionId).usual();
        if (hours < 1) {
            throw ProblemException.conflict("over-policy", "For this template an admin has to extend leases.");
        }
        return clock.instant().plus(Duration.ofHours(hours)).isAfter(machine.leaseUntil)
                ? set(caller, machine, hours)
                : machine.toMachine();
    }

    /**
     * A longer lease is asked for: until that is decided the machine is not deleted.
     *
     * @return what may be asked for
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public Terms ask(Caller caller, UUID id) {
        MachineEntity machine = forChange(caller, id);
        if (machine.leaseUntil == null) {
            throw ProblemException.conflict("pinned", "The machine is pinned: its lease has no end.");
        }
        machine.leaseAsked = true;
        return terms(caller, machine.tenantId, machine.revisionId);
    }

    /** Nothing came of the ask. Whoever asked has as long as a last warning gives. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void dropAsk(UUID id) {
        MachineEntity machine = machines.findById(id, LockModeType.PESSIMISTIC_WRITE);
        machine.leaseAsked = false;
        Instant least = clock.instant().plus(config.lastWarning());
        if (machine.leaseDeleteAt != null && machine.leaseDeleteAt.isBefore(least)) {
            machine.leaseDeleteAt = least;
            machine.leaseNextAt = clock.instant();
        }
    }

    /** What somebody who may decide has said yes to; up to what the template allows at all. */
    @Transactional(Transactional.TxType.MANDATORY)
    public Machine grant(Caller caller, UUID id, int hours) {
        MachineEntity machine = forChange(caller, id);
        int longest = templates.policyOf(machine.revisionId).longestLeaseHours();
        new Checks()
                .range("hours", hours, 1, caller.admin() ? Templates.LONGEST_LEASE_HOURS : longest, "hours")
                .throwIfAny();
        machine.leaseAsked = false;
        return set(caller, machine, hours);
    }

    /** The machine's lease has no end from now on. For admins. */
    @Transactional
    public Machine pin(Caller caller, UUID id) {
        MachineEntity machine = forChange(caller, id);
        caller.requireAdmin();
        if (machine.leaseUntil != null) {
            change(caller, machine, "machine.pin", null, "Pinned: the lease has no end");
        }
        return machine.toMachine();
    }

    /** A pinned machine's lease ends again: after what its template lets pass by itself. For admins. */
    @Transactional
    public Machine unpin(Caller caller, UUID id) {
        MachineEntity machine = forChange(caller, id);
        caller.requireAdmin();
        if (machine.leaseUntil == null) {
            Policy policy = templates.policyOf(machine.revisionId);
            int hours = policy.maxLeaseHours() > 0 ? policy.maxLeaseHours() : policy.longestLeaseHours();
            Instant until = clock.instant().plus(Duration.ofHours(hours));
            change(caller, machine, "machine.unpin", until, "No longer pinned");
        }
        return machine.toMachine();
    }

    /** Machines of this person, in these tenants, whose leases have an end, the next one first. */
    @Transactional
    public List<Machine> ending(UUID ownerId, java.util.Collection<UUID> tenants, int limit) {
        return machines
                .find(
                        """
                        ownerId = ?1 and tenantId in ?2 and goneAt is null and wanted <> ?3 and leaseUntil is not null
                        order by leaseUntil, id""",
                        ownerId,
                        tenants,
                        Wanted.GONE)
                .page(0, limit)
                .stream()
                .map(MachineEntity::toMachine)
                .toList();
    }

    private MachineEntity forChange(Caller caller, UUID id) {
        MachineEntity machine = machines.forChange(caller, id);
        if (machine.wanted == Wanted.GONE) {
            throw ProblemException.conflict(
                    "wrong-state", "That can't be done any more: the machine is being deleted.");
        }
        return machine;
    }

    private Machine set(Caller caller, MachineEntity machine, int hours) {
        Instant until = clock.instant().plus(Duration.ofHours(hours));
        boolean kept = machine.leaseState == LeaseState.GRACE;
        change(caller, machine, "machine.extend", until, kept ? "Kept: the lease goes on" : "The lease was set");
        return machine.toMachine();
    }

    private void change(Caller caller, MachineEntity machine, String action, Instant until, String note) {
        audit.record(caller, action, Machines.subject(machine), Audit.change(end(machine.leaseUntil), end(until)));
        timeline.note(machine, Operation.LEASE, note + " (" + caller.username() + ")");
        // What was said of the end that it had counts no more.
        warnings.delete("machineId", machine.id);
        machine.lease(until, clock.instant());
    }

    private static Map<String, ?> end(Instant until) {
        return until == null ? Map.of() : Map.of("leaseUntil", until.toString());
    }
}
