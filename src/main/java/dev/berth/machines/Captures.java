package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Images;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Disks of machines that are off, made into images. Who belongs to the machine's team may ask; what comes of it is a
 * proposed revision of a template, and nothing starts from it before an admin has approved that.
 */
@ApplicationScoped
public class Captures {
    @ApplicationScoped
    static class CaptureRows implements PanacheRepositoryBase<CaptureEntity, UUID> {
        List<CaptureEntity> copying(UUID machineId) {
            return list("machineId = ?1 and state = ?2", machineId, Capture.State.COPYING);
        }
    }

    /**
     * What the image shall be.
     *
     * @param template the template that gets the revision
     * @param image the new image's name
     * @param notes what is new in it, for the admin who decides
     */
    public record Wish(String template, String image, String notes) {}

    private final MachineRepository machines;
    private final Machines.DiskRepository disks;
    private final CaptureRows captures;
    private final Images images;
    private final Templates templates;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Captures(
            MachineRepository machines,
            Machines.DiskRepository disks,
            CaptureRows captures,
            Images images,
            Templates templates,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.captures = captures;
        this.images = images;
        this.templates = templates;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** Newest first. */
    @Transactional
    public List<Capture> list(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        return captures.list("machineId = ?1 order by requestedAt desc", machine.id).stream()
                .map(this::view)
                .toList();
    }

    @Transactional
    public Capture start(Caller caller, UUID machineId, UUID diskId, Wish wish) {
        MachineEntity machine = machines.forChange(caller, machineId);
        DiskEntity disk = disks.findByIdOptional(diskId)
                .filter(one -> machine.id.equals(one.machineId))
                .orElseThrow(() -> ProblemException.notFound("disk"));
        Template template = templates.list(caller).stream()
                .filter(one ->
                        one.slug().equals(wish.template()) && one.current().isPresent())
                .findFirst()
                .orElse(null);
        new Checks()
                .label("image", wish.image())
                .text("notes", wish.notes(), 2_000)
                .require("template", template != null, "Choose one of the templates that people can ask for.")
                .throwIfAny();
        Moves.requireOff(machine);
        if (disk.pending || disk.removing || disk.deleting || !disk.made) {
            throw ProblemException.conflict("wrong-state", "The disk is being changed. Wait until that is done.");
        }
        if (images.list().stream().anyMatch(image -> image.name().equals(wish.image()))
                || captures.count("imageName = ?1 and state = ?2", wish.image(), Capture.State.COPYING) > 0) {
            throw ProblemException.conflict(
                    "taken", "There is an image named " + wish.image() + " already. Choose another name.");
        }
        CaptureEntity capture = new CaptureEntity();
        capture.id = UUID.randomUUID();
        capture.machineId = machine.id;
        capture.diskId = disk.id;
        capture.tenantId = machine.tenantId;
        capture.templateId = template.id();
        capture.imageId = UUID.randomUUID();
        capture.imageName = wish.image();
        capture.notes = wish.notes();
        capture.state = Capture.State.COPYING;
        capture.requestedBy = caller.username();
        capture.requestedAt = clock.instant();
        captures.persist(capture);
        machine.wantAlso(Operation.CAPTURE, clock.instant());
        audit.record(
                caller,
                "disk.capture",
                Machines.subject(machine),
                Map.of("disk", disk.name, "image", wish.image(), "template", template.slug()));
        // The row must be written (and so locked) before the queue is looked at: see the queue on completion.
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
        return view(capture);
    }

    /** Stops a copy that is still being made. */
    @Transactional
    public Capture cancel(Caller caller, UUID machineId, UUID captureId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        CaptureEntity capture = captures.findByIdOptional(captureId)
                .filter(one -> one.machineId.equals(machine.id))
                .orElseThrow(() -> ProblemException.notFound("capture"));
        if (capture.state == Capture.State.COPYING) {
            capture.state = Capture.State.FAILED;
            capture.failure = "Cancelled by " + caller.username() + ".";
            audit.record(caller, "disk.cancel-capture", Machines.subject(machine), Map.of("image", capture.imageName));
        }
        return view(capture);
    }

    private Capture view(CaptureEntity capture) {
        return new Capture(
                capture.id,
                capture.machineId,
                capture.diskId,
                templates.slugOf(capture.templateId),
                capture.imageName,
                capture.notes,
                capture.state,
                capture.revision,
                capture.failure,
                capture.requestedBy,
                capture.requestedAt);
    }
}
