package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.machines.StorageLimits;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
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

/** How much of a storage profile each team's disks may take, for admins. */
@Path("/admin/storage/{profile}/limits")
@Authenticated
public class StorageLimitPages {
    /** What the page shows. */
    public record View(
            String base,
            Resource resource,
            Profile profile,
            List<Quotas.LineLimit> limits,
            List<Tenant> tenants,
            Form form) {
        public String url() {
            return base + "/" + profile.slug();
        }

        /** What the field asks for. */
        public String what() {
            return resource == Resource.STORAGE_GIB ? "GiB in all" : "Addresses in all";
        }

        /** One limit as a bar. */
        public List<QuotaBar> bars() {
            return limits.stream()
                    .map(limit -> QuotaBar.ofLimit(
                            limit.tenantSlug(), limit.tenantSlug(), resource, limit.used(), limit.limit()))
                    .toList();
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance storageLimits(View view);
    }

    private final Chrome chrome;
    private final StorageProfiles profiles;
    private final StorageLimits limits;
    private final Tenants tenants;

    StorageLimitPages(Chrome chrome, StorageProfiles profiles, StorageLimits limits, Tenants tenants) {
        this.chrome = chrome;
        this.profiles = profiles;
        this.limits = limits;
        this.tenants = tenants;
    }

    @GET
    public Response show(@PathParam("profile") String slug) {
        return page(slug, Form.empty());
    }

    private Response page(String slug, Form form) {
        var caller = chrome.admin("storage");
        Profile profile = profiles.get(caller, slug);
        return Html.page(
                form.status(),
                Views.storageLimits(new View(
                        "/admin/storage",
                        Resource.STORAGE_GIB,
                        profile,
                        limits.list(caller, profile),
                        tenants.list(caller),
                        form)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response set(@PathParam("profile") String slug, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        var caller = chrome.admin("storage");
        Profile profile = profiles.get(caller, slug);
        try {
            Tenant tenant = tenants.find(caller, form.value("tenant"))
                    .orElseThrow(() -> ProblemException.invalid("tenant", "Choose one of the teams."));
            boolean none = form.value("gib").isBlank();
            limits.set(caller, profile, tenant, none ? null : Long.valueOf(form.number("gib")));
            chrome.say(Flash.done(
                    none
                            ? tenant.name() + " has no limit on " + profile.name() + " from now on."
                            : tenant.name() + " may have " + form.number("gib") + " GiB on " + profile.name() + "."));
            return Html.seeOther("/admin/storage/" + slug + "/limits");
        } catch (ProblemException e) {
            return page(slug, form.refuse(e));
        }
    }
}
