package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Move;
import dev.berth.machines.Moves;
import dev.berth.machines.Operation;
import dev.berth.machines.TimelineEntry;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;

/** Moving a disk to other storage: where it could go, how far it is, and what becomes of the old disk. */
@Path("/t/{tenant}/machines/{id}/disks/{disk}/move")
@Authenticated
public class MovePages {
    /**
     * What the page shows.
     *
     * @param moves of this disk, newest first
     * @param doing how far the copy is, or empty
     * @param quota the team's standing for disk space
     */
    public record View(
            Machine machine,
            Disk disk,
            List<Moves.Target> targets,
            List<Move> moves,
            String doing,
            QuotaUse quota,
            Form form) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/disks/" + disk.id() + "/move";
        }

        public String url(Move move, String verb) {
            return url() + '/' + move.id() + '/' + verb;
        }

        public boolean off() {
            return machine.state() == MachineState.STOPPED;
        }

        /** The move that is under way or waits for somebody's word; null for none. */
        public Move open() {
            return moves.stream()
                    .filter(move -> move.pending() || move.decidable())
                    .findFirst()
                    .orElse(null);
        }

        /** Those that are over. */
        public List<Move> past() {
            return moves.stream()
                    .filter(move -> !move.pending() && !move.decidable())
                    .toList();
        }

        public String name() {
            return disk.target() + " of " + machine.name();
        }

        /** {@code qcow2 to raw}. */
        public String way(Move move) {
            return move.flattens()
                    ? "Cut off its image on " + move.to().name()
                    : move.from().name() + " to " + move.to().name();
        }

        public String label(Moves.Target target) {
            return target.storage().slug().equals(disk.storageSlug())
                    ? "Stay on " + target.storage().name() + ", cut off the image"
                    : target.storage().name();
        }

        public String deleteWarning(Move move) {
            return "The copy on " + move.from().name() + " is deleted for good; " + move.sizeGib()
                    + " GiB of the quota are given back. There is no way back to it then.";
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance diskMove(View view);

        static native TemplateInstance diskMove$now(View view);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final Disks disks;
    private final Moves moves;
    private final Quotas quotas;

    MovePages(Chrome chrome, Machines machines, Disks disks, Moves moves, Quotas quotas) {
        this.chrome = chrome;
        this.machines = machines;
        this.disks = disks;
        this.moves = moves;
        this.quotas = quotas;
    }

    @GET
    public Response show(@PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("disk") UUID disk) {
        return page(chrome.machine(slug, id), disk, Form.empty());
    }

    private Response page(Machine machine, UUID disk, Form form) {
        return Html.page(form.status(), Views.diskMove(view(machine, disk, form)));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("disk") UUID disk) {
        return Html.page(Views.diskMove$now(view(chrome.machine(slug, id), disk, Form.empty())));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response start(
            @PathParam("tenant") String slug,
            @PathParam("id") UUID id,
            @PathParam("disk") UUID disk,
            MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        try {
            Move move = moves.start(chrome.caller(), id, disk, form.value("storage"));
            chrome.say(Flash.done("The disk is on its way to " + move.to().name() + "."));
            return back(slug, id, disk);
        } catch (ProblemException e) {
            return page(machine, disk, form.refuse(e));
        }
    }

    @POST
    @Path("{move}/confirm")
    public Response confirm(
            @PathParam("tenant") String slug,
            @PathParam("id") UUID id,
            @PathParam("disk") UUID disk,
            @PathParam("move") UUID move) {
        chrome.machine(slug, id);
        try {
            moves.confirm(chrome.caller(), id, move);
            chrome.say(Flash.done("The old disk is being deleted."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return back(slug, id, disk);
    }

    @POST
    @Path("{move}/undo")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response undo(
            @PathParam("tenant") String slug,
            @PathParam("id") UUID id,
            @PathParam("disk") UUID disk,
            @PathParam("move") UUID move,
            MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        try {
            moves.undo(chrome.caller(), id, move, form.has("loseChanges", "true"));
            chrome.say(Flash.done("The old disk is the machine's disk."));
            return back(slug, id, disk);
        } catch (ProblemException e) {
            return page(machine, disk, form.refuse("loseChanges", e.getMessage()));
        }
    }

    private View view(Machine machine, UUID diskId, Form form) {
        Disk disk = disks.list(chrome.caller(), machine.id()).stream()
                .filter(one -> one.id().equals(diskId))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("disk"));
        List<Move> all = moves.list(chrome.caller(), machine.id()).stream()
                .filter(move -> move.diskId().equals(diskId))
                .toList();
        return new View(
                machine,
                disk,
                moves.targets(chrome.caller(), machine.id(), diskId),
                all,
                doing(machine),
                quotas.usage(machine.tenantId()).stream()
                        .filter(use -> use.resource() == Resource.DISK_GIB)
                        .findFirst()
                        .orElse(new QuotaUse(QuotaLine.of(Resource.DISK_GIB), 0, 0, 0, false)),
                form);
    }

    /** {@code Copy the disk: 42 % of 10.0 GiB, 180 MB/s}. */
    private String doing(Machine machine) {
        return machines.timeline(chrome.caller(), machine.id()).stream()
                .filter(entry -> entry.operation() == Operation.MOVE && entry.state() == TimelineEntry.State.STARTED)
                .findFirst()
                .map(entry -> entry.message().isEmpty() ? entry.step() : entry.step() + ": " + entry.message())
                .orElse("");
    }

    private static Response back(String slug, UUID id, UUID disk) {
        return Html.seeOther("/t/" + slug + "/machines/" + id + "/disks/" + disk + "/move");
    }
}
