package dev.berth.requests;

import dev.berth.catalog.Size;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.machines.Resizes;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Another size for a machine: at once where a policy lets it pass, else as a request that holds what it takes. */
@ApplicationScoped
public class ResizeRequests implements RequestKind<ResizeRequestEntity> {
    private static final Caller BERTH = Caller.system("offer");

    private final RequestRepository requests;
    private final Machines machines;
    private final Resizes resizes;
    private final Templates templates;
    private final Policies policies;
    private final Tenants tenants;
    private final Quotas quotas;
    private final Approvals approvals;
    private final Clock clock;

    ResizeRequests(
            RequestRepository requests,
            Machines machines,
            Resizes resizes,
            Templates templates,
            Policies policies,
            Tenants tenants,
            Quotas quotas,
            Approvals approvals,
            Clock clock) {
        this.requests = requests;
        this.machines = machines;
        this.resizes = resizes;
        this.templates = templates;
        this.policies = policies;
        this.tenants = tenants;
        this.quotas = quotas;
        this.approvals = approvals;
        this.clock = clock;
    }

    /** The open request for another size of this machine. */
    @Transactional
    public Optional<Request> open(Caller caller, UUID machineId) {
        return requests.openAbout(caller, machineId, ResizeRequestEntity.class);
    }

    /** Who would have to say yes to this size. */
    @Transactional
    public Verdict verdict(Caller caller, UUID machineId, Resizes.Offer offer) {
        return verdict(caller, machines.get(caller, machineId), offer);
    }

    /** Only what grows is looked at: nobody has to say yes to less. */
    private Verdict verdict(Caller caller, Machine machine, Resizes.Offer offer) {
        Size size = offer.size();
        Template template = templates.templateOf(machine.revisionId());
        Verdict verdict = policies.verdict(
                caller,
                machine.tenantId(),
                template,
                Request.Kind.RESIZE,
                PolicyFacts.size(
                        size.vcpus() > machine.vcpus() ? size.vcpus() : 0,
                        size.memoryMib() > machine.memoryMib() ? size.memoryMib() : 0,
                        offer.grows() ? size.diskGib() : 0));
        return caller.admin() ? new Verdict(true, Deciders.ADMIN, null, List.of(), verdict.rule()) : verdict;
    }

    /** The words of a verdict, with the names of the owners who may say yes. */
    @Transactional
    public String words(Caller caller, UUID machineId, Verdict verdict) {
        Tenant tenant = tenants.get(caller, machines.get(caller, machineId).tenantSlug());
        return verdict.words(verdict.passes() ? List.of() : policies.owners(tenant));
    }

    /**
     * Gives the machine another size if that needs nobody's yes.
     *
     * @throws ProblemException conflict when it does: then ask by {@link #create}
     */
    @Transactional
    public Machine resize(Caller caller, UUID machineId, String size, boolean restart) {
        Machine machine = machines.get(caller, machineId);
        Optional<Resizes.Offer> offer = offer(caller, machineId, size);
        if (offer.isPresent()) {
            Verdict verdict = verdict(caller, machine, offer.get());
            if (!verdict.passes()) {
                throw ProblemException.conflict(
                        "needs-approval",
                        "This needs %s, because it asks for %s. Ask for it, or choose a smaller size."
                                .formatted(verdict.needs().label(), verdict.because()));
            }
        }
        return resizes.resize(caller, machineId, size, restart, null);
    }

    /**
     * Opens a request for a size that needs somebody's yes.
     *
     * @param restart whether a machine that runs is switched off and on for it when it is approved
     * @throws ProblemException conflict when one is open already, or the quota has no room
     */
    @Transactional
    public Request create(Caller caller, UUID machineId, String size, boolean restart, String reason) {
        Machine machine = machines.get(caller, machineId);
        Optional<Resizes.Offer> offer = offer(caller, machineId, size);
        new Checks()
                .require("size", offer.isPresent(), "Choose another size that the machine's template revision offers.")
                .said("reason", reason, Ask.MAX_REASON, "Say what it is for: whoever decides reads it.")
                .throwIfAny();
        Tenant tenant = tenants.get(caller, machine.tenantSlug());
        ResizeRequestEntity request = entity(caller, machine, offer.orElseThrow(), restart);
        request.reason = reason.strip();
        // Holds the tenant's quota rows until the end, so of two who ask at once the second sees what the first did.
        quotas.reserve(tenant, request.id, machine.ownerId(), offer.get().takes());
        if (open(caller, machineId).isPresent()) {
            throw ProblemException.conflict(
                    "already-asked", "Another size was asked for already. Withdraw that request to ask for another.");
        }
        Verdict verdict = verdict(caller, machine, offer.get());
        verdict.applyTo(request);
        approvals.open(
                caller, request, Map.of("before", request.formerSize, "after", request.sizeName), verdict.passes());
        return request.toRequest();
    }

    private Optional<Resizes.Offer> offer(Caller caller, UUID machineId, String size) {
        return resizes.offers(caller, machineId).stream()
                .filter(one -> one.size().slug().equals(size))
                .findFirst();
    }

    private ResizeRequestEntity entity(Caller caller, Machine machine, Resizes.Offer offer, boolean restart) {
        ResizeRequestEntity request = new ResizeRequestEntity();
        request.asked(caller, machine.tenantId(), machine.tenantSlug(), machine.name(), clock.instant());
        request.machineId = machine.id();
        request.templateName = machine.templateName();
        request.formerSize = machine.sizeName();
        request.formerVcpus = machine.vcpus();
        request.formerMemoryMib = machine.memoryMib();
        request.becomes(offer);
        request.restarts = restart;
        return request;
    }

    @Override
    public Class<ResizeRequestEntity> entity() {
        return ResizeRequestEntity.class;
    }

    @Override
    public void grant(Caller caller, ResizeRequestEntity request) {
        resizes.resize(caller, request.machineId, request.sizeSlug, request.restarts, request.id);
    }

    @Override
    public List<Request.Part> parts(ResizeRequestEntity request) {
        return List.of(new Request.Part(
                "size",
                "Size",
                request.sizeSlug,
                notLarger(request)
                        .map(Resizes.Offer::size)
                        .map(size -> new Request.Option(size.slug(), size.name() + ": " + size.words()))
                        .toList()));
    }

    private Stream<Resizes.Offer> notLarger(ResizeRequestEntity request) {
        return resizes.offers(BERTH, request.machineId).stream()
                .filter(offer -> offer.size().vcpus() <= request.vcpus
                        && offer.size().memoryMib() <= request.memoryMib
                        && offer.moreDiskGib() <= request.moreDiskGib);
    }

    @Override
    public void change(ResizeRequestEntity request, Map<String, String> values) {
        String size = values.getOrDefault("size", request.sizeSlug);
        Optional<Resizes.Offer> offer =
                notLarger(request).filter(one -> one.size().slug().equals(size)).findFirst();
        new Checks()
                .require("size", offer.isPresent(), "Choose a size that is not larger than what was asked for.")
                .throwIfAny();
        request.becomes(offer.orElseThrow());
        // The rows of the quota are locked in between: nobody else can take what is given back and taken again.
        quotas.release(request.id);
        quotas.reserve(
                tenants.get(BERTH, request.tenantSlug),
                request.id,
                machines.get(BERTH, request.machineId).ownerId(),
                offer.get().takes());
    }

    @Override
    public void drop(ResizeRequestEntity request) {
        quotas.release(request.id);
    }
}
