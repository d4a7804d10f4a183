package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Images;
import dev.berth.catalog.Revision;
import dev.berth.catalog.Templates;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** How captures' rows follow the work on them. For the worker, in short transactions as in {@link MachineStatus}. */
@ApplicationScoped
public class CaptureStatus {
    private static final Caller WORKER = Caller.system("worker");

    /** A capture as the worker needs it. */
    public record Capturing(UUID id, UUID diskId, UUID imageId, Images.Draft image) {}

    private final MachineRepository machines;
    private final Captures.CaptureRows captures;
    private final Templates templates;
    private final Event<RevisionProposed> proposals;
    private final Audit audit;

    CaptureStatus(
            MachineRepository machines,
            Captures.CaptureRows captures,
            Templates templates,
            Event<RevisionProposed> proposals,
            Audit audit) {
        this.machines = machines;
        this.captures = captures;
        this.templates = templates;
        this.proposals = proposals;
        this.audit = audit;
    }

    /** Those of the machine that are to be made. */
    @Transactional
    public List<Capturing> wanted(UUID machineId) {
        MachineEntity machine = machines.findById(machineId);
        return captures.copying(machineId).stream()
                .map(capture -> new Capturing(
                        capture.id,
                        capture.diskId,
                        capture.imageId,
                        new Images.Draft(
                                capture.imageName,
                                "Copied from " + machine.tenantSlug + "/" + machine.name + " for " + capture.requestedBy
                                        + ".",
                                "qcow2")))
                .toList();
    }

    /** Whether the copy is still to be made. */
    @Transactional
    public boolean wanted(Capturing capture) {
        return captures.findByIdOptional(capture.id())
                .filter(row -> row.state == Capture.State.COPYING)
                .map(row -> machines.findById(row.machineId).wanted == Wanted.STOPPED)
                .orElse(false);
    }

    /** The image is in the library: admins decide what becomes of it. */
    @Transactional
    public void copied(Capturing done) {
        CaptureEntity capture = locked(done.id());
        if (capture.state != Capture.State.COPYING) {
            return;
        }
        Revision proposed =
                templates.propose(WORKER, capture.templateId, done.image().name(), capture.notes, capture.requestedBy);
        capture.state = Capture.State.PROPOSED;
        capture.revision = proposed.number();
        MachineEntity machine = machines.findById(capture.machineId);
        proposals.fire(new RevisionProposed(
                proposed,
                templates.slugOf(capture.templateId),
                machine.tenantId,
                machine.tenantSlug,
                capture.requestedBy,
                "a disk of the machine " + machine.name));
    }

    /** @param failure a sentence that says why */
    @Transactional
    public void failed(UUID captureId, String failure) {
        CaptureEntity capture = locked(captureId);
        if (capture.state == Capture.State.COPYING) {
            capture.state = Capture.State.FAILED;
            capture.failure = failure;
            audit.record(
                    WORKER,
                    "disk.fail-capture",
                    Machines.subject(machines.findById(capture.machineId)),
                    Map.of("image", capture.imageName));
        }
    }

    /** The machine's row first, as everybody does. */
    private CaptureEntity locked(UUID captureId) {
        UUID machineId = captures.getEntityManager()
                .createQuery("select machineId from CaptureEntity where id = :id", UUID.class)
                .setParameter("id", captureId)
                .getSingleResult();
        machines.findById(machineId, LockModeType.PESSIMISTIC_WRITE);
        return captures.findById(captureId);
    }
}
