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
import dev.berth.machines.Machines;
import dev.berth.machines.NewMachine;
import dev.berth.machines.Snapshots;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
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
import java.util.function.Function;

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
                request.whyApproval.isEmpty());
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

    private MachineRequestEntity entity(
            Caller caller, Tenant tenant, Ask ask, Choice choice, UUID machineId, UUID formToken) {
        MachineRequestEntity request = new MachineRequestEntity();
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
        request.storageProfileId =
                choice.storage() == null ? null : choice.storage().id();
        request.storageSlug = choice.storage() == null ? "" : choice.storage().slug();
        request.name = ask.name();
        request.sshKeys = String.join("\n", choice.keys());
        request.userData = ask.userData();
        request.leaseHours = ask.leaseHours();
        request.reason = ask.reason();
        request.whyApproval = String.join(", ", choice.objections(ask.leaseHours()));
        request.formToken = formToken;
        request.createdAt = clock.instant();
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
                    + ". Choose a smaller size, delete a machine first, or ask for more.";
        }
        List<String> why = choice.objections(ask.leaseHours());
        return why.isEmpty()
                ? "Starts at once."
                : "Needs an admin's yes, because it asks for " + String.join(", ", why) + ".";
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
