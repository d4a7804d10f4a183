package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.Images;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Size;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.Cursor;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Cards;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.machines.Snapshots;
import dev.berth.machines.StorageLimits;
import dev.berth.security.Caller;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Asking for a machine. */
@ApplicationScoped
public class Requests {
    private final RequestRepository requests;
    private final Tenants tenants;
    private final Templates templates;
    private final Images images;
    private final Quotas quotas;
    private final StorageLimits limits;
    private final Machines machines;
    private final Cards cards;
    private final Snapshots snapshots;
    private final Approvals approvals;
    private final Audit audit;
    private final Event<RequestMetrics.Outcome> outcomes;
    private final Clock clock;

    Requests(
            RequestRepository requests,
            Tenants tenants,
            Templates templates,
            Images images,
            Quotas quotas,
            StorageLimits limits,
            Machines machines,
            Cards cards,
            Snapshots snapshots,
            Approvals approvals,
            Audit audit,
            Event<RequestMetrics.Outcome> outcomes,
            Clock clock) {
        this.requests = requests;
        this.tenants = tenants;
        this.templates = templates;
        this.images = images;
        this.quotas = quotas;
        this.limits = limits;
        this.machines = machines;
        this.cards = cards;
        this.snapshots = snapshots;
        this.approvals = approvals;
        this.audit = audit;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /**
     * Reserves the quota and opens the request, in one transaction; one that passes by itself is approved in the same.
     *
     * @param formToken made when the form was shown: the same one sent twice makes one request. Null for no such guard
     */
    @Transactional
    public VmRequest create(Caller caller, String tenantSlug, Ask ask, UUID formToken) {
        Tenant tenant = tenants.get(caller, tenantSlug);
        return create(
                caller,
                tenant,
                ask,
                formToken,
                null,
                checks -> Choice.of(ask, tenant.id(), template(caller, ask), checks));
    }

    /** What a clone may be. */
    public record CloneOffer(
            Template template,
            Revision revision,
            List<Size> sizes,
            List<Profile> networks,
            List<Profile> storage,
            int freeLeaseHours) {
        public String leaseHelp() {
            return "Up to " + freeLeaseHours + " without anybody's yes; at most "
                    + template.policy().longestLeaseHours() + ".";
        }
    }

    /** What a clone of this snapshot may be. */
    @Transactional
    public CloneOffer cloneOffer(Caller caller, UUID machineId, UUID snapshotId) {
        return cloneOffer(caller, machines.get(caller, machineId), snapshots.source(caller, machineId, snapshotId));
    }

    private CloneOffer cloneOffer(Caller caller, Machine machine, Snapshots.Source source) {
        Revision revision = templates.revision(source.revisionId());
        if (revision.state() == RevisionState.RETIRED) {
            throw ProblemException.conflict(
                    "not-offered",
                    "The template that the machine was made from is retired, so no more machines of it are made. Make one"
                            + " from another template.");
        }
        Template template = templates.list(caller).stream()
                .filter(one -> one.id().equals(revision.templateId()))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("template"));
        return new CloneOffer(
                template,
                revision,
                revision.sizes().stream()
                        .filter(size -> !size.retired() && size.diskGib() >= source.sizeGib())
                        .toList(),
                usable(revision.networks(), machine.tenantId()),
                usable(revision.storage(), machine.tenantId()),
                template.policy().maxLeaseHours());
    }

    private static List<Profile> usable(List<Profile> profiles, UUID tenantId) {
        return profiles.stream().filter(profile -> profile.usableBy(tenantId)).toList();
    }

    /**
     * The same as {@link #create} for a machine that starts as a copy of what a snapshot keeps, with the template revision
     * of its origin. It stays with the origin's tenant and host.
     */
    @Transactional
    public VmRequest createClone(Caller caller, UUID machineId, UUID snapshotId, Ask ask, UUID formToken) {
        Machine machine = machines.get(caller, machineId);
        Snapshots.Source source = snapshots.source(caller, machineId, snapshotId);
        CloneOffer offer = cloneOffer(caller, machine, source);
        Tenant tenant = tenants.get(caller, machine.tenantSlug());
        return create(
                caller,
                tenant,
                ask,
                formToken,
                source.snapshotId(),
                checks ->
                        Choice.ofClone(ask, tenant.id(), offer.template(), offer.revision(), source.sizeGib(), checks));
    }

    private VmRequest create(
            Caller caller, Tenant tenant, Ask ask, UUID formToken, UUID snapshotId, Function<Checks, Choice> chosen) {
        if (formToken != null) {
            requests.getEntityManager()
                    .createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:token, 2))", Object.class)
                    .setParameter("token", caller.userId() + ":" + formToken)
                    .getSingleResult();
            Optional<RequestEntity> before = requests.find(
                            "requesterId = ?1 and formToken = ?2", caller.userId(), formToken)
                    .firstResultOptional();
            if (before.isPresent()) {
                return before.get().toRequest();
            }
        }
        Checks checks = new Checks();
        Choice choice = chosen.apply(checks);
        checks.throwIfAny();
        cards.shortage(choice.network()).ifPresent(problem -> {
            throw problem;
        });
        // Held to the end: an image is not retired and removed before the request is there to be seen.
        ImageState image = images.forUse(choice.revision().image().id()).state();
        if (snapshotId == null ? image != ImageState.READY : !image.trusted()) {
            throw ProblemException.invalid("template", "Choose one of the templates on offer.");
        }
        UUID machineId = UUID.randomUUID();
        // Before the quota, as by whoever adds a disk.
        limits.require(tenant.id(), choice.storage(), choice.size().diskGib());
        // Holds the tenant's quota rows until the end, so the look at the name below can't be overtaken.
        quotas.reserve(tenant, machineId, choice.amounts());
        if (taken(tenant, ask.name())) {
            throw ProblemException.invalid("name", nameTaken(tenant, ask.name()));
        }
        RequestEntity request = open(caller, tenant, ask, choice, machineId, formToken);
        request.snapshotId = snapshotId;
        audit.record(
                caller,
                "request.create",
                Approvals.subject(request),
                Map.of(
                        "template",
                        choice.template().slug(),
                        "size",
                        choice.size().slug(),
                        "leaseHours",
                        ask.leaseHours()));
        outcomes.fire(RequestMetrics.Outcome.CREATED);
        if (request.whyApproval.isEmpty()) {
            approvals.approveByPolicy(request);
        }
        return request.toRequest();
    }

    private RequestEntity open(Caller caller, Tenant tenant, Ask ask, Choice choice, UUID machineId, UUID formToken) {
        RequestEntity request = new RequestEntity();
        request.id = UUID.randomUUID();
        request.tenantId = tenant.id();
        request.tenantSlug = tenant.slug();
        request.requesterId = caller.userId();
        request.requesterName = caller.username();
        request.machineId = machineId;
        request.revisionId = choice.revision().id();
        request.templateName = choice.template().name();
        request.revisionNumber = choice.revision().number();
        request.sizeId = choice.size().id();
        request.sizeName = choice.size().name();
        request.vcpus = choice.size().vcpus();
        request.memoryMib = choice.size().memoryMib();
        request.diskGib = choice.size().diskGib();
        request.networkProfileId = choice.network().id();
        request.networkSlug = choice.network().slug();
        request.storageProfileId = choice.storage().id();
        request.storageSlug = choice.storage().slug();
        request.name = ask.name();
        request.sshKeys = String.join("\n", choice.keys());
        request.userData = ask.userData();
        request.leaseHours = ask.leaseHours();
        request.reason = ask.reason();
        request.state = RequestState.PENDING;
        request.whyApproval = String.join(", ", choice.objections(ask.leaseHours()));
        request.formToken = formToken;
        request.createdAt = clock.instant();
        requests.persist(request);
        return request;
    }

    /** What would come of this ask; changes nothing. */
    @Transactional
    public Preview preview(Caller caller, String tenantSlug, Ask ask) {
        Tenant tenant = tenants.get(caller, tenantSlug);
        Checks checks = new Checks();
        Choice choice = Choice.of(ask, tenant.id(), template(caller, ask), checks);
        if (!ask.name().isEmpty()) {
            checks.require("name", !taken(tenant, ask.name()), nameTaken(tenant, ask.name()));
        }
        if (choice.network() != null) {
            cards.shortage(choice.network())
                    .ifPresent(problem -> checks.require("network", false, problem.getMessage()));
        }
        Map<Resource, Long> amounts = choice.size() == null ? Map.of() : choice.amounts();
        List<Preview.Bar> bars = quotas.usage(tenant.id()).stream()
                .map(use -> new Preview.Bar(use, amounts.getOrDefault(use.resource(), 0L)))
                .toList();
        return new Preview(checks.problems(), bars, passes(choice, ask, bars), verdict(choice, ask, bars));
    }

    private static boolean passes(Choice choice, Ask ask, List<Preview.Bar> bars) {
        return choice.size() != null
                && choice.objections(ask.leaseHours()).isEmpty()
                && bars.stream().noneMatch(Preview.Bar::over);
    }

    private static String verdict(Choice choice, Ask ask, List<Preview.Bar> bars) {
        if (choice.size() == null) {
            return "Choose a template and a size to see what happens next.";
        }
        List<String> over = bars.stream()
                .filter(Preview.Bar::over)
                .map(bar -> bar.use().label())
                .toList();
        if (!over.isEmpty()) {
            return "Over the quota of " + String.join(" and ", over)
                    + ". Choose a smaller size or delete a machine first.";
        }
        List<String> why = choice.objections(ask.leaseHours());
        return why.isEmpty()
                ? "Starts at once."
                : "Needs an admin's yes, because it asks for " + String.join(", ", why) + ".";
    }

    /** @param state null for any */
    @Transactional
    public Page<VmRequest> list(Caller caller, UUID tenantId, RequestState state, int limit, String cursorText) {
        List<String> where = new ArrayList<>(List.of("1 = 1"));
        Map<String, Object> parameters = new HashMap<>();
        if (tenantId != null) {
            where.add("tenantId = :tenant");
            parameters.put("tenant", tenantId);
        }
        if (!caller.admin()) {
            where.add("tenantId in :tenants");
            parameters.put("tenants", caller.tenants().keySet());
        }
        if (state != null) {
            where.add("state = :state");
            parameters.put("state", state);
        }
        // Open ones wait in line, oldest first; a history is read from its end.
        boolean inLine = state == RequestState.PENDING;
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where.add("(createdAt %1$s :at or (createdAt = :at and id > :id))".formatted(inLine ? ">" : "<"));
            parameters.put("at", cursor.instant());
            parameters.put("id", cursor.uuid());
        }
        List<VmRequest> rows = requests
                .find(
                        String.join(" and ", where) + " order by createdAt" + (inLine ? "" : " desc") + ", id",
                        parameters)
                .page(0, limit + 1)
                .stream()
                .map(RequestEntity::toRequest)
                .toList();
        return Page.of(
                rows,
                limit,
                request ->
                        new Cursor(request.createdAt().toString(), request.id().toString()));
    }

    @Transactional
    public VmRequest get(Caller caller, UUID id) {
        return requests.visible(caller, id).toRequest();
    }

    /** How many requests wait for an admin. */
    @Transactional
    public long pendingCount() {
        return requests.count("state", RequestState.PENDING);
    }

    /** The requester, or another member of the tenant, no longer wants it. */
    @Transactional
    public VmRequest withdraw(Caller caller, UUID id) {
        RequestEntity request = requests.forDecision(caller, id);
        request.decide(RequestState.WITHDRAWN, caller.username(), clock.instant(), "");
        quotas.release(request.machineId);
        audit.record(caller, "request.withdraw", Approvals.subject(request), Map.of());
        outcomes.fire(RequestMetrics.Outcome.WITHDRAWN);
        return request.toRequest();
    }

    /** The tenant's quota as an approver sees it: as it is, and without and with this request. */
    @Transactional
    public List<Preview.Bar> quotaOf(Caller caller, UUID id) {
        VmRequest request = requests.visible(caller, id).toRequest();
        return bars(request, quotas.usage(request.tenantId()));
    }

    /** The same for each of several requests, by the request's id, without a query for each. */
    @Transactional
    public Map<UUID, List<Preview.Bar>> quotaOf(Caller caller, Collection<VmRequest> several) {
        Set<UUID> tenantIds =
                several.stream().map(VmRequest::tenantId).filter(caller::sees).collect(Collectors.toSet());
        Map<UUID, List<QuotaUse>> usage = quotas.usage(tenantIds);
        return several.stream()
                .collect(Collectors.toMap(
                        VmRequest::id,
                        request -> bars(request, usage.getOrDefault(request.tenantId(), List.of())),
                        (one, same) -> one));
    }

    private static List<Preview.Bar> bars(VmRequest request, List<QuotaUse> uses) {
        return uses.stream()
                .map(use -> {
                    long amount = request.open() ? request.amount(use.resource()) : 0;
                    return new Preview.Bar(
                            new QuotaUse(use.resource(), use.limit(), use.used() - amount, use.pending() - amount),
                            amount);
                })
                .toList();
    }

    private Optional<Template> template(Caller caller, Ask ask) {
        return templates.list(caller).stream()
                .filter(template -> template.slug().equals(ask.template()))
                .findFirst();
    }

    private boolean taken(Tenant tenant, String name) {
        return machines.nameTaken(tenant.id(), name)
                || requests.count("tenantId = ?1 and name = ?2 and state = ?3", tenant.id(), name, RequestState.PENDING)
                        > 0;
    }

    private static String nameTaken(Tenant tenant, String name) {
        return "There is a machine or an open request named " + name + " in " + tenant.slug()
                + ". Choose another name.";
    }
}
