package dev.berth.requests;

import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.machines.Leases;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Asking for a longer lease than passes by itself. As long as it is open the machine is not deleted. */
@ApplicationScoped
public class ExtensionRequests implements RequestKind<ExtensionRequestEntity> {
    private final RequestRepository requests;
    private final Machines machines;
    private final Leases leases;
    private final Templates templates;
    private final Policies policies;
    private final Approvals approvals;
    private final Clock clock;

    ExtensionRequests(
            RequestRepository requests,
            Machines machines,
            Leases leases,
            Templates templates,
            Policies policies,
            Approvals approvals,
            Clock clock) {
        this.requests = requests;
        this.machines = machines;
        this.leases = leases;
        this.templates = templates;
        this.policies = policies;
        this.approvals = approvals;
        this.clock = clock;
    }

    /** The open request for a longer lease of this machine. */
    @Transactional
    public Optional<Request> open(Caller caller, UUID machineId) {
        return requests.openAbout(caller, machineId, ExtensionRequestEntity.class);
    }

    /**
     * Opens a request for a lease of so many hours from the decision on.
     *
     * @throws ProblemException conflict when one is open already
     */
    @Transactional
    public Request create(Caller caller, UUID machineId, int hours, String reason) {
        // Locks the machine, so of two who ask at once the second sees what the first did.
        Leases.Terms terms = leases.ask(caller, machineId);
        Machine machine = machines.get(caller, machineId);
        new Checks()
                .range("hours", hours, 1, terms.longest(), "hours")
                .said("reason", reason, Ask.MAX_REASON, "Say what you still need the machine for.")
                .throwIfAny();
        if (open(caller, machineId).isPresent()) {
            throw ProblemException.conflict(
                    "already-asked", "A longer lease was asked for already. Withdraw that request to ask for another.");
        }
        ExtensionRequestEntity request = new ExtensionRequestEntity();
        request.asked(caller, machine.tenantId(), machine.tenantSlug(), machine.name(), clock.instant());
        request.machineId = machineId;
        request.templateName = machine.templateName();
        request.leaseUntil = machine.leaseUntil();
        request.hours = hours;
        request.reason = reason.strip();
        Verdict verdict = policies.verdict(
                caller,
                machine.tenantId(),
                templates.templateOf(machine.revisionId()),
                Request.Kind.EXTENSION,
                PolicyFacts.lease(hours));
        verdict.applyTo(request);
        approvals.open(caller, request, Map.of("leaseHours", hours), verdict.passes());
        return request.toRequest();
    }

    @Override
    public Class<ExtensionRequestEntity> entity() {
        return ExtensionRequestEntity.class;
    }

    @Override
    public void grant(Caller caller, ExtensionRequestEntity request) {
        leases.grant(caller, request.machineId, request.hours);
    }

    @Override
    public List<Request.Part> parts(ExtensionRequestEntity request) {
        return List.of(new Request.Part("leaseHours", "Lease, hours", Integer.toString(request.hours), List.of()));
    }

    @Override
    public void change(ExtensionRequestEntity request, Map<String, String> values) {
        int hours = RequestKind.number(values.getOrDefault("leaseHours", Integer.toString(request.hours)));
        new Checks().range("leaseHours", hours, 1, request.hours, "hours").throwIfAny();
        request.hours = hours;
    }

    @Override
    public void drop(ExtensionRequestEntity request) {
        leases.dropAsk(request.machineId);
    }
}
