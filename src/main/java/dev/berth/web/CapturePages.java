package dev.berth.web;

import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.machines.Capture;
import dev.berth.machines.Captures;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Operation;
import dev.berth.machines.TimelineEntry;
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

/** Making an image of a disk: what to take out of the guest first, what it becomes, and how far it is. */
@Path("/t/{tenant}/machines/{id}/disks/{disk}/capture")
@Authenticated
public class CapturePages {
    /** What has to be typed in a Linux guest so that no two machines are taken for one. */
    private static final List<String> GENERALISE = List.of(
            "cloud-init clean --logs --seed",
            "rm -f /etc/ssh/ssh_host_*",
            "truncate -s 0 /etc/machine-id",
            "rm -f /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys /root/.*_history /home/*/.*_history",
            "poweroff");

    /**
     * What the page shows.
     *
     * @param captures of this disk, newest first
     * @param doing how far the copy is, or empty
     */
    public record View(
            Machine machine, Disk disk, List<Template> templates, List<Capture> captures, String doing, Form form) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/disks/" + disk.id() + "/capture";
        }

        public String cancelUrl(Capture capture) {
            return url() + '/' + capture.id() + "/cancel";
        }

        public boolean off() {
            return machine.state() == MachineState.STOPPED;
        }

        public boolean copying() {
            return captures.stream().anyMatch(Capture::copying);
        }

        public List<String> lines() {
            return GENERALISE;
        }

        public String name() {
            return "Image of " + disk.target() + " of " + machine.name();
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance diskCapture(View view);

        static native TemplateInstance diskCapture$now(View view);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final Disks disks;
    private final Captures captures;
    private final Templates templates;

    CapturePages(Chrome chrome, Machines machines, Disks disks, Captures captures, Templates templates) {
        this.chrome = chrome;
        this.machines = machines;
        this.disks = disks;
        this.captures = captures;
        this.templates = templates;
    }

    @GET
    public Response show(@PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("disk") UUID disk) {
        return page(chrome.machine(slug, id), disk, Form.empty());
    }

    private Response page(Machine machine, UUID disk, Form form) {
        return Html.page(form.status(), Views.diskCapture(view(machine, disk, form)));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("disk") UUID disk) {
        return Html.page(Views.diskCapture$now(view(chrome.machine(slug, id), disk, Form.empty())));
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
            Capture capture = captures.start(
                    chrome.caller(),
                    id,
                    disk,
                    new Captures.Wish(form.value("template"), form.value("image"), form.value("notes")));
            chrome.say(Flash.done("The image " + capture.imageName() + " is being made."));
            return back(slug, id, disk);
        } catch (ProblemException e) {
            return page(machine, disk, form.refuse(e));
        }
    }

    @POST
    @Path("{capture}/cancel")
    public Response cancel(
            @PathParam("tenant") String slug,
            @PathParam("id") UUID id,
            @PathParam("disk") UUID disk,
            @PathParam("capture") UUID capture) {
        chrome.machine(slug, id);
        captures.cancel(chrome.caller(), id, capture);
        return back(slug, id, disk);
    }

    private View view(Machine machine, UUID diskId, Form form) {
        Disk disk = disks.list(chrome.caller(), machine.id()).stream()
                .filter(one -> one.id().equals(diskId))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("disk"));
        List<Template> offered = templates.list(chrome.caller()).stream()
                .filter(template -> template.current().isPresent())
                .toList();
        if (form.value("template").isEmpty()) {
            offered.stream()
                    .filter(template -> template.name().equals(machine.templateName()))
                    .findFirst()
                    .ifPresent(template -> form.with("template", template.slug()));
        }
        return new View(
                machine,
                disk,
                offered,
                captures.list(chrome.caller(), machine.id()).stream()
                        .filter(capture -> capture.diskId().equals(diskId))
                        .toList(),
                doing(machine),
                form);
    }

    private String doing(Machine machine) {
        return machines.timeline(chrome.caller(), machine.id()).stream()
                .filter(entry -> entry.operation() == Operation.CAPTURE && entry.state() == TimelineEntry.State.STARTED)
                .findFirst()
                .map(TimelineEntry::message)
                .orElse("");
    }

    private static Response back(String slug, UUID id, UUID disk) {
        return Html.seeOther("/t/" + slug + "/machines/" + id + "/disks/" + disk + "/capture");
    }
}
