package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.catalog.Image;
import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.Size;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.machines.Machines;
import dev.berth.machines.NewMachine;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;

/** Deciding on requests. The decision, the machine, its job and the audit row are one transaction. */
@ApplicationScoped
public class Approvals {
    private static final String POLICY = "policy";

    private final RequestRepository requests;
    private final Templates templates;
    private final Images images;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final Machines machines;
    private final Quotas quotas;
    private final Audit audit;
    private final Event<RequestMetrics.Outcome> outcomes;
    private final Clock clock;

    Approvals(
            RequestRepository requests,
            Templates templates,
            Images images,
            NetworkProfiles networks,
            StorageProfiles storage,
            Machines machines,
            Quotas quotas,
            Audit audit,
            Event<RequestMetrics.Outcome> outcomes,
            Clock clock) {
        this.requests = requests;
        this.templates = templates;
        this.images = images;
        this.networks = networks;
        this.storage = storage;
        this.machines = machines;
        this.quotas = quotas;
        this.audit = audit;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /** @throws dev.berth.common.ProblemException conflict when somebody else has decided already */
    @Transactional
    public VmRequest approve(Caller caller, UUID id) {
        caller.requireAdmin();
        RequestEntity request = requests.forDecision(caller, id);
        approve(caller, request, caller.username());
        outcomes.fire(RequestMetrics.Outcome.APPROVED);
        return request.toRequest();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    void approveByPolicy(RequestEntity request) {
        approve(Caller.system(POLICY), request, POLICY);
        outcomes.fire(RequestMetrics.Outcome.APPROVED_BY_POLICY);
    }

    private void approve(Caller caller, RequestEntity request, String by) {
        request.decide(RequestState.APPROVED, by, clock.instant(), "");
        quotas.settle(request.machineId);
        Revision revision = templates.revision(request.revisionId);
        refuseUntrusted(images.forUse(revision.image().id()));
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
                offered(storage.forUse(request.storageProfileId), request),
                request.keys(),
                request.userData,
                request.leaseHours,
                request.snapshotId));
        audit.record(caller, "request.approve", subject(request), Map.of("machine", request.machineId.toString()));
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
    private static Profile offered(Profile profile, RequestEntity request) {
        if (!profile.usableBy(request.tenantId)) {
            throw ProblemException.conflict(
                    "not-offered",
                    "%s is no longer offered to %s. Deny the request and say so; then they can ask for something else."
                            .formatted(profile.name(), request.tenantSlug));
        }
        return profile;
    }

    /** @param reason what the requester will read */
    @Transactional
    public VmRequest deny(Caller caller, UUID id, String reason) {
        caller.requireAdmin();
        new Checks()
                .require("reason", reason != null && !reason.isBlank(), "Say why: the requester reads it.")
                .text("reason", reason == null ? "" : reason, Ask.MAX_REASON)
                .throwIfAny();
        RequestEntity request = requests.forDecision(caller, id);
        request.decide(RequestState.DENIED, caller.username(), clock.instant(), reason.strip());
        quotas.release(request.machineId);
        audit.record(caller, "request.deny", subject(request), Map.of("reason", reason.strip()));
        outcomes.fire(RequestMetrics.Outcome.DENIED);
        return request.toRequest();
    }

    static Audit.Subject subject(RequestEntity request) {
        return new Audit.Subject("request", request.id, request.name, request.tenantId, request.tenantSlug);
    }
}
