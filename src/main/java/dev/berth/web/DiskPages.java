package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.DomainXml;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.Machine;
import dev.berth.machines.Share;
import dev.berth.machines.Shares;
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
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** A machine's disks: what they are, adding one, and attaching one that is kept by itself. */
@Path("/t/{tenant}/machines/{id}/disks")
@Authenticated
public class DiskPages {
    /** What the page shows. */
    public record View(
            Machine machine,
            List<Disk> disks,
            List<Profile> offered,
            List<Disk> attachable,
            List<Share> shares,
            List<Profile> shareable,
            List<QuotaBar> quota,
            Form form) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/disks";
        }

        public String diskUrl(Disk disk) {
            return "/t/" + disk.tenantSlug() + "/disks/" + disk.id();
        }

        public boolean changeable() {
            return machine.canDelete();
        }

        public boolean changing() {
            return disks.stream().anyMatch(disk -> disk.state().changing())
                    || shares.stream().anyMatch(share -> share.state().changing());
        }

        public String sharesUrl() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/shares";
        }

        public String removeUrl(Share share) {
            return sharesUrl() + '/' + share.id() + "/remove";
        }

        public int mostShares() {
            return DomainXml.MOST_SHARES;
        }

        public int most() {
            return DomainXml.MOST_DATA_DISKS;
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance machineDisks(View view);

        static native TemplateInstance machineDisks$disks(View view);
    }

    private final Chrome chrome;
    private final Disks disks;
    private final Shares shares;
    private final Quotas quotas;

    DiskPages(Chrome chrome, Disks disks, Shares shares, Quotas quotas) {
        this.chrome = chrome;
        this.disks = disks;
        this.shares = shares;
        this.quotas = quotas;
    }

    @GET
    public Response show(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return page(chrome.machine(slug, id), Form.empty());
    }

    private Response page(Machine machine, Form form) {
        List<Profile> offered = disks.offered(chrome.caller(), machine.id());
        if (form.value("storage").isEmpty() && !offered.isEmpty()) {
            form.with("storage", offered.get(0).slug());
        }
        if (form.value("disk").isEmpty()) {
            form.with("disk", UUID.randomUUID());
        }
        View view = new View(
                machine,
                disks.list(chrome.caller(), machine.id()),
                offered,
                disks.attachable(chrome.caller(), machine.id()),
                shares.list(chrome.caller(), machine.id()),
                shares.offered(chrome.caller(), machine.id()),
                quota(quotas, machine.tenantId(), chrome.caller().userId(), offered),
                form);
        return Html.page(form.status(), Views.machineDisks(view));
    }

    /** The team's disks, in all and on the storage profiles that have a limit, and the person's share. */
    static List<QuotaBar> quota(Quotas quotas, UUID tenantId, UUID userId, Collection<Profile> profiles) {
        Set<UUID> ids = profiles.stream().map(Profile::id).collect(Collectors.toSet());
        return QuotaBar.ofUses(quotas.standing(tenantId, userId).stream()
                .filter(use -> use.resource() == Resource.DISK_GIB
                        || ids.contains(use.line().profileId()))
                .toList());
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Machine machine = chrome.machine(slug, id);
        return Html.page(Views.machineDisks$disks(new View(
                machine,
                disks.list(chrome.caller(), id),
                List.of(),
                List.of(),
                shares.list(chrome.caller(), id),
                List.of(),
                List.of(),
                Form.empty())));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response add(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        try {
            Disk disk = disks.add(
                    chrome.caller(),
                    id,
                    new Disks.Wish(
                            form.value("storage"),
                            form.number("sizeGib"),
                            form.value("name").strip()),
                    diskId(form));
            chrome.say(Flash.done("Disk " + disk.name() + " is being added, " + disk.sizeGib() + " GiB."));
            return Html.seeOther(url(slug, id));
        } catch (ProblemException e) {
            return page(machine, form.refuse(e));
        }
    }

    @POST
    @Path("attach")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response attach(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        chrome.machine(slug, id);
        try {
            Disk disk = disks.attach(chrome.caller(), uuid(form.value("attach")), id);
            chrome.say(Flash.done("Disk " + disk.name() + " is being attached."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(url(slug, id));
    }

    /** Made when the form was shown, so that a form sent twice adds one disk. */
    private static UUID diskId(Form form) {
        try {
            return UUID.fromString(form.value("disk"));
        } catch (IllegalArgumentException e) {
            return UUID.randomUUID();
        }
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("attach", "Choose one of the disks.");
        }
    }

    private static String url(String slug, UUID id) {
        return "/t/" + slug + "/machines/" + id + "/disks";
    }
}
