package dev.berth.requests;

import dev.berth.catalog.Boot;
import dev.berth.catalog.Image;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Size;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.machines.Cards;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineFigures;
import dev.berth.machines.Machines;
import dev.berth.machines.NewMachine;
import dev.berth.machines.Snapshots;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** Asking for a machine, new or as a clone, and making what was asked for. */
@ApplicationScoped
public class MachineRequests implements RequestKind<MachineRequestEntity> {
    private final RequestRepository requests;
    private final Tenants tenants;
    private final Templates templates;
    private final Images images;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final Quotas quotas;
    private final Machines machines;
    private final MachineFigures figures;
    private final Policies policies;
    private final Cards cards;
    private final Snapshots snapshots;
    private final Approvals approvals;
    private final Clock clock;

    MachineRequests(
            RequestRepository requests,
            Tenants tenants,
            Templates templates,
            Images images,
            NetworkProfiles networks,
            StorageProfiles storage,
            Quotas quotas,
            Machines machines,
            MachineFigures figures,
            Policies policies,
            Cards cards,
            Snapshots snapshots,
            Approvals approvals,
            Clock clock) {
        this.requests = requests;
        this.tenants = tenants;
        this.templates = templates;
        this.images = images;
        this.networks = networks;
        this.storage = storage;
        this.quotas = quotas;
        this.machines = machines;
        this.figures = figures;
        this.policies = policies;
        this.cards = cards;
        this.snapshots = snapshots;
        this.approvals = approvals;
        this.clock = clock;
    }

    /**
     * Reserves the quota and opens the request, in one transaction; one that passes by itself is approved in the same.
     *
     * @param formToken made when the form was shown: the same one sent twice makes one request. Null for no such guard
     */
    @Transactional
    public Request create(Caller caller, String tenantSlug, Ask ask, UUID formToken) {
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
                usable(revision.storage(), machine.tenantId()).stream()
                        .filter(profile -> storage.abilities(profile).contains(Ability.SYSTEM_DISK))
                        .toList(),
                policies.freeLeaseHours(machine.tenantId(), template, Request.Kind.MACHINE));
    }

    private static List<Profile> usable(List<Profile> profiles, UUID tenantId) {
        return profiles.stream().filter(profile -> profile.usableBy(tenantId)).toList();
    }

    /**
     * The same as {@link #create} for a machine that starts as a copy of what a snapshot keeps, with the template revision
     * of its origin. It stays with the origin's tenant and host.
     */
    @Transactional
    public Request createClone(Caller caller, UUID machineId, UUID snapshotId, Ask ask, UUID formToken) {
        Machine machine = machines.get(caller, machineId);
        Snapshots.Source source = snapshots.source(caller, machineId, snapshotId);
        CloneOffer offer = cloneOffer(caller, machine, source);
        Tenant tenant = tenants.get(caller, machine.tenantSlug());
        return create(caller, tenant, ask, formToken, source.snapshotId(), checks -> {
            checks.require(
                    "storage",
                    offer.storage().stream().anyMatch(profile -> profile.slug().equals(ask.storage())),
                    "Choose storage that a copy of the disk can be put on, one of those that the template offers"
                            + " your team.");
            return Choice.ofClone(ask, tenant.id(), offer.template(), offer.revision(), source.sizeGib(), checks);
        });
    }

    private Request create(
            Caller caller, Tenant tenant, Ask ask, UUID formToken, UUID snapshotId, Function<Checks, Choice> chosen) {
        Optional<Request> before = requests.sentBefore(caller, formToken);
        if (before.isPresent()) {
            return before.get();
        }
        Checks checks = new Checks();
        Choice choice = chosen.apply(checks);
        checks.throwIfAny();
        cards.shortage(choice.network()).ifPresent(problem -> {
            throw problem;
        });
        requireBootServer(choice);
        holdFiles(choice.revision().boot(), snapshotId == null);
        UUID machineId = UUID.randomUUID();
        // Holds the tenant's quota rows until the end, so the look at the name below can't be overtaken.
        quotas.reserve(tenant, machineId, caller.userId(), choice.takes());
        if (taken(tenant, ask.name())) {
            throw ProblemException.invalid("name", nameTaken(tenant, ask.name()));
        }
        MachineRequestEntity request = entity(caller, tenant, ask, choice, machineId, formToken);
        request.snapshotId = snapshotId;
        Verdict verdict = verdict(caller, tenant, choice, ask);
        verdict.applyTo(request);
        approvals.open(
                caller,
                request,
                Map.of(
                        "template",
                        choice.template().slug(),
                        "size",
                        choice.size().slug(),
                        "leaseHours",
                        ask.leaseHours()),
                verdict.passes());
        return request.toRequest();
    }

    /** A profile's settings may have changed since the revision was made. */
    private void requireBootServer(Choice choice) {
        if (choice.revision().boot().from() == Boot.From.NETWORK && !networks.boots(choice.network())) {
            throw ProblemException.invalid(
                    "network",
                    "Machines can't start from this network now: it has no boot server. Choose another one.");
        }
    }

    /** To the end: what a machine starts from is not retired and removed before the request is there to be seen. */
    private void holdFiles(Boot boot, boolean fresh) {
        for (Image file : boot.files()) {
            ImageState state = images.forUse(file.id()).state();
            if (fresh ? state != ImageState.READY : !state.trusted()) {
                throw ProblemException.invalid("template", "Choose one of the templates on offer.");
            }
        }
    }

    /** Counts after the quota was taken, whose rows are locked: of two who ask at once the second sees the first. */
    private Verdict verdict(Caller caller, Tenant tenant, Choice choice, Ask ask) {
        return policies.verdict(
                caller,
                tenant.id(),
                choice.template(),
                Request.Kind.MACHINE,
                choice.facts(ask.leaseHours(), () -> 1 + machinesOf(tenant.id(), choice.template())));
    }

    private long machinesOf(UUID tenantId, Template template) {
        List<UUID> revisions = templates.revisionIds(template.id());
        return figures.count(tenantId, revisions) + requests.openMachines(tenantId, revisions);
    }

    private MachineRequestEntity entity(
            Caller caller, Tenant tenant, Ask ask, Choice choice, UUID machineId, UUID formToken) {
        MachineRequestEntity request = new MachineRequestEntity();
        request.asked(caller, tenant.id(), tenant.slug(), ask.name(), clock.instant());
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
        request.storageProfileId =
                choice.storage() == null ? null : choice.storage().id();
        request.storageSlug = choice.storage() == null ? "" : choice.storage().slug();
        request.sshKeys = String.join("\n", choice.keys());
        request.userData = ask.userData();
        request.leaseHours = ask.leaseHours();
        request.reason = ask.reason();
        request.formToken = formToken;
        return request;
    }

    @Override
    public Class<MachineRequestEntity> entity() {
        return MachineRequestEntity.class;
    }

    @Override
    public void grant(Caller caller, MachineRequestEntity request) {
        quotas.settle(request.machineId);
        Revision revision = templates.revision(request.revisionId);
        revision.boot().files().forEach(file -> refuseUntrusted(images.forUse(file.id())));
        machines.create(new NewMachine(
                request.machineId,
                request.tenantId,
                request.tenantSlug,
                request.requesterId,
                request.requesterName,
                request.name,
                revision,
                request.templateName,
                new Size(
                        request.sizeId,
                        request.sizeName,
                        request.sizeName,
                        request.vcpus,
                        request.memoryMib,
                        request.diskGib,
                        false),
                offered(networks.forUse(request.networkProfileId), request),
                request.storageProfileId == null ? null : offered(storage.forUse(request.storageProfileId), request),
                request.keys(),
                request.userData,
                request.leaseHours,
                request.snapshotId));
    }

    @Override
    public List<Request.Part> parts(MachineRequestEntity request) {
        Revision revision = templates.revision(request.revisionId);
        List<Request.Part> parts = new ArrayList<>(List.of(
                new Request.Part(
                        "size",
                        "Size",
                        sizes(request, revision)
                                .filter(size -> size.id().equals(request.sizeId))
                                .map(Size::slug)
                                .findFirst()
                                .orElse(""),
                        sizes(request, revision)
                                .map(size -> new Request.Option(size.slug(), size.name() + ": " + size.words()))
                                .toList()),
                new Request.Part(
                        "network",
                        "Network",
                        request.networkSlug,
                        options(usable(revision.networks(), request.tenantId))),
                new Request.Part("leaseHours", "Lease, hours", Integer.toString(request.leaseHours), List.of())));
        if (request.storageProfileId != null) {
            parts.add(new Request.Part(
                    "storage", "Storage", request.storageSlug, options(systemDisks(request, revision))));
        }
        return parts;
    }

    /** Not larger than what was asked for; a clone's disk has to hold what its snapshot keeps. */
    private static Stream<Size> sizes(MachineRequestEntity request, Revision revision) {
        return revision.sizes().stream()
                .filter(size -> !size.retired() || size.id().equals(request.sizeId))
                .filter(size -> size.vcpus() <= request.vcpus
                        && size.memoryMib() <= request.memoryMib
                        && (request.storageProfileId == null
                                || (request.snapshotId == null
                                        ? size.diskGib() <= request.diskGib
                                        : size.diskGib() == request.diskGib)));
    }

    private List<Profile> systemDisks(MachineRequestEntity request, Revision revision) {
        return usable(revision.storage(), request.tenantId).stream()
                .filter(profile ->
                        request.snapshotId == null || storage.abilities(profile).contains(Ability.SYSTEM_DISK))
                .toList();
    }

    private static List<Request.Option> options(List<Profile> profiles) {
        return profiles.stream()
                .map(profile -> new Request.Option(profile.slug(), profile.name()))
                .toList();
    }

    @Override
    public void change(MachineRequestEntity request, Map<String, String> values) {
        Revision revision = templates.revision(request.revisionId);
        Checks checks = new Checks();
        Size size = sizes(request, revision)
                .filter(one -> values.containsKey("size")
                        ? one.slug().equals(values.get("size"))
                        : one.id().equals(request.sizeId))
                .findFirst()
                .orElse(null);
        Profile network =
                chosen(revision.networks(), values.getOrDefault("network", request.networkSlug), request.tenantId);
        Profile disk = chosen(
                systemDisks(request, revision), values.getOrDefault("storage", request.storageSlug), request.tenantId);
        int hours = RequestKind.number(values.getOrDefault("leaseHours", Integer.toString(request.leaseHours)));
        checks.require("size", size != null, "Choose a size that is not larger than what was asked for.")
                .require("network", network != null, "Choose a network that the template offers the team.")
                .require(
                        "storage",
                        disk != null || request.storageProfileId == null,
                        "Choose a storage profile that the template offers the team.")
                .range("leaseHours", hours, 1, request.leaseHours, "hours")
                .throwIfAny();
        Tenant tenant = tenants.find(List.of(request.tenantId)).get(request.tenantId);
        request.sizeId = size.id();
        request.sizeName = size.name();
        request.vcpus = size.vcpus();
        request.memoryMib = size.memoryMib();
        request.networkProfileId = network.id();
        request.networkSlug = network.slug();
        request.leaseHours = hours;
        if (disk != null) {
            request.diskGib = size.diskGib();
            request.storageProfileId = disk.id();
            request.storageSlug = disk.slug();
        }
        // The rows of the quota are locked in between: nobody else can take what is given back and taken again.
        quotas.release(request.machineId);
        Amounts takes = Amounts.of(request.amounts()).and(QuotaLine.addresses(network.id(), network.slug()), 1);
        quotas.reserve(
                tenant,
                request.machineId,
                request.requesterId,
                disk == null ? takes : takes.and(QuotaLine.storage(disk.id(), disk.slug()), request.diskGib));
    }

    private static Profile chosen(List<Profile> offered, String slug, UUID tenantId) {
        return usable(offered, tenantId).stream()
                .filter(profile -> profile.slug().equals(slug))
                .findFirst()
                .orElse(null);
    }

    @Override
    public void drop(MachineRequestEntity request) {
        quotas.release(request.machineId);
    }

    private static void refuseUntrusted(Image image) {
        if (!image.state().trusted()) {
            throw ProblemException.conflict(
                    "not-offered",
                    "Nothing can be made from the image %s now: it is %s. Put that right first, or deny the request."
                            .formatted(image.name(), image.state().name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    /** Much may have happened since it was asked for. */
    private static Profile offered(Profile profile, MachineRequestEntity request) {
        if (!profile.usableBy(request.tenantId)) {
            throw ProblemException.conflict(
                    "not-offered",
                    "%s is no longer offered to %s. Deny the request and say so; then they can ask for something else."
                            .formatted(profile.name(), request.tenantSlug));
        }
        return profile;
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
        Amounts amounts = choice.takes();
        List<Preview.Bar> bars = quotas.standing(tenant.id(), caller.userId()).stream()
                .filter(use -> !use.resource().scoped() || amounts.get(use.line()) > 0)
                .map(use -> new Preview.Bar(use, amounts.get(use.line())))
                .toList();
        if (choice.size() == null) {
            return new Preview(
                    checks.problems(), bars, false, "Choose a template and a size to see what happens next.", "");
        }
        String rule = policies.words(tenant.id(), choice.template(), Request.Kind.MACHINE);
        List<String> over = bars.stream()
                .filter(Preview.Bar::over)
                .map(bar -> bar.use().label())
                .toList();
        if (!over.isEmpty()) {
            return new Preview(
                    checks.problems(),
                    bars,
                    false,
                    "Over the quota of " + String.join(" and ", over)
                            + ". Choose a smaller size, delete a machine first, or ask for more.",
                    rule);
        }
        Verdict verdict = verdict(caller, tenant, choice, ask);
        return new Preview(
                checks.problems(),
                bars,
                verdict.passes(),
                verdict.words(verdict.passes() ? List.of() : policies.owners(tenant)),
                rule);
    }

    /**
     * Who would have to say yes to this ask if somebody sent it, for whoever writes policies; changes nothing. A quota
     * that is used up, a name that is taken and what else can be wrong with a request is not looked at.
     */
    @Transactional
    public Verdict tryOut(Caller caller, Tenant tenant, Caller requester, Ask ask) {
        caller.requireSeesAll();
        Checks checks = new Checks();
        Choice choice = Choice.of(ask, tenant.id(), template(caller, ask), checks);
        Map<String, String> problems = new HashMap<>(checks.problems());
        problems.keySet().retainAll(List.of("template", "size", "network", "storage", "leaseHours"));
        new Checks().addAll(problems).throwIfAny();
        return verdict(requester, tenant, choice, ask);
    }

    private Optional<Template> template(Caller caller, Ask ask) {
        return templates.list(caller).stream()
                .filter(template -> template.slug().equals(ask.template()))
                .findFirst();
    }

    private boolean taken(Tenant tenant, String name) {
        return machines.nameTaken(tenant.id(), name) || requests.openMachine(tenant.id(), name) > 0;
    }

    private static String nameTaken(Tenant tenant, String name) {
        return "There is a machine or an open request named " + name + " in " + tenant.slug()
                + ". Choose another name.";
    }
}
