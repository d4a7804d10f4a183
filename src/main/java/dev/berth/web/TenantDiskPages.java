package dev.berth.web;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** A team's disks, those of its machines and those that are kept by themselves, and what can be done with one. */
@Path("/t/{tenant}/disks")
@Authenticated
public class TenantDiskPages {
    private static final int ROWS = 50;

    /** The list as it stands in the URL. @param with {@code yes}, {@code no} or empty for all */
    public record Listing(Tenant tenant, List<Disk> disks, String next, boolean first, String q, String with) {
        public boolean filtered() {
            return !q.isEmpty() || !with.isEmpty();
        }

        public String base() {
            return "/t/" + tenant.slug() + "/disks";
        }

        public String url() {
            return base() + "?with=" + with + "&q=" + URLEncoder.encode(q, StandardCharsets.UTF_8);
        }

        public String nextUrl() {
            return url() + "&cursor=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
        }

        public boolean changing() {
            return disks.stream().anyMatch(disk -> disk.state().changing());
        }
    }

    /** One disk and a form about it. @param back where the person came from */
    public record View(Disk disk, List<QuotaBar> quota, Form form) {
        public String url() {
            return "/t/" + disk.tenantSlug() + "/disks/" + disk.id();
        }

        public String back() {
            return TenantDiskPages.back(disk);
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance disks(Listing list);

        static native TemplateInstance disks$table(Listing list);

        static native TemplateInstance diskGrow(View view);

        static native TemplateInstance diskDelete(View view);
    }

    private interface Verb {
        Disk on(UUID disk);
    }

    private final Chrome chrome;
    private final Disks disks;
    private final Quotas quotas;

    TenantDiskPages(Chrome chrome, Disks disks, Quotas quotas) {
        this.chrome = chrome;
        this.disks = disks;
        this.quotas = quotas;
    }

    @GET
    public Response list(
            @PathParam("tenant") String slug,
            @QueryParam("q") String q,
            @QueryParam("with") String with,
            @QueryParam("cursor") String cursor,
            @HeaderParam("HX-Target") String target) {
        Tenant tenant = chrome.enter(slug, "disks");
        String text = q == null ? "" : q.strip();
        // A word that is none of ours shows all: the URL may come from an older page.
        Boolean attached = "yes".equals(with) ? Boolean.TRUE : "no".equals(with) ? Boolean.FALSE : null;
        Page<Disk> page = disks.list(chrome.caller(), tenant.id(), new Disks.Filter(attached, text), ROWS, cursor);
        Listing list = new Listing(
                tenant,
                page.items(),
                page.next(),
                cursor == null || cursor.isEmpty(),
                text,
                attached == null ? "" : with);
        return Html.page("disk-list".equals(target) ? Views.disks$table(list) : Views.disks(list));
    }

    @GET
    @Path("{disk}/grow")
    public Response growForm(@PathParam("tenant") String slug, @PathParam("disk") UUID id) {
        Disk disk = find(slug, id);
        return growPage(disk, Form.empty().with("sizeGib", disk.sizeGib() * 2));
    }

    private Response growPage(Disk disk, Form form) {
        return Html.page(
                form.status(),
                Views.diskGrow(new View(
                        disk,
                        DiskPages.quota(quotas, disk.tenantId(), chrome.caller().userId(), List.of(disk.storage())),
                        form)));
    }

    @POST
    @Path("{disk}/grow")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response grow(
            @PathParam("tenant") String slug, @PathParam("disk") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Disk before = find(slug, id);
        try {
            Disk disk = disks.grow(chrome.caller(), id, form.number("sizeGib"));
            chrome.say(Flash.done("Disk " + disk.name() + " is being made larger: " + disk.sizeGib() + " GiB."));
            return Html.seeOther(back(disk));
        } catch (ProblemException e) {
            return growPage(before, form.refuse(e));
        }
    }

    @POST
    @Path("{disk}/detach")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response detach(
            @PathParam("tenant") String slug, @PathParam("disk") UUID id, @FormParam("back") String back) {
        Disk disk = find(slug, id);
        return act(disk, one -> disks.detach(chrome.caller(), one), "is being detached.", Back.to(back, back(disk)));
    }

    @GET
    @Path("{disk}/delete")
    public Response deleteForm(@PathParam("tenant") String slug, @PathParam("disk") UUID id) {
        return deletePage(find(slug, id), Form.empty());
    }

    private static Response deletePage(Disk disk, Form form) {
        return Html.page(form.status(), Views.diskDelete(new View(disk, List.of(), form)));
    }

    @POST
    @Path("{disk}/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response delete(
            @PathParam("tenant") String slug, @PathParam("disk") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Disk disk = find(slug, id);
        if (!disk.name().equals(form.value("confirm").strip())) {
            return deletePage(
                    disk, form.refuse("confirm", "Type the name exactly, " + disk.name() + ", to delete it."));
        }
        return act(disk, one -> disks.delete(chrome.caller(), one), "is being deleted.", back(disk));
    }

    private Response act(Disk disk, Verb verb, String sentence, String back) {
        try {
            chrome.say(Flash.done("Disk " + verb.on(disk.id()).name() + " " + sentence));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(back);
    }

    private Disk find(String slug, UUID id) {
        Tenant tenant = chrome.enter(slug, "disks");
        Disk disk = disks.get(chrome.caller(), id);
        if (!disk.tenantId().equals(tenant.id())) {
            throw ProblemException.notFound("disk");
        }
        return disk;
    }

    private static String back(Disk disk) {
        return disk.attached()
                ? "/t/" + disk.tenantSlug() + "/machines/" + disk.machineId() + "/disks"
                : "/t/" + disk.tenantSlug() + "/disks";
    }
}
