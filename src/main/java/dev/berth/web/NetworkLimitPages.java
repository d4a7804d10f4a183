package dev.berth.web;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.common.ProblemException;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;

/** How many addresses of a network each team may have, for admins. */
@Path("/admin/networks/{profile}/limits")
@Authenticated
public class NetworkLimitPages {
    private final Chrome chrome;
    private final NetworkProfiles profiles;
    private final Quotas quotas;
    private final Tenants tenants;

    NetworkLimitPages(Chrome chrome, NetworkProfiles profiles, Quotas quotas, Tenants tenants) {
        this.chrome = chrome;
        this.profiles = profiles;
        this.quotas = quotas;
        this.tenants = tenants;
    }

    @GET
    public Response show(@PathParam("profile") String slug) {
        return page(slug, Form.empty());
    }

    private Response page(String slug, Form form) {
        var caller = chrome.admin("networks-admin");
        Profile profile = profiles.get(caller, slug);
        return Html.page(
                form.status(),
                StorageLimitPages.Views.storageLimits(new StorageLimitPages.View(
                        "/admin/networks",
                        Resource.ADDRESSES,
                        profile,
                        quotas.limited(caller, line(profile)),
                        tenants.list(caller),
                        form)));
    }

    private static QuotaLine line(Profile profile) {
        return QuotaLine.addresses(profile.id(), profile.slug());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response set(@PathParam("profile") String slug, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        var caller = chrome.admin("networks-admin");
        Profile profile = profiles.get(caller, slug);
        try {
            Tenant tenant = tenants.find(caller, form.value("tenant"))
                    .orElseThrow(() -> ProblemException.invalid("tenant", "Choose one of the teams."));
            boolean none = form.value("gib").isBlank();
            if (!none && form.number("gib") < 0) {
                throw ProblemException.invalid("gib", "Choose a limit of 0 or more, or leave it empty for none.");
            }
            quotas.setLine(caller, tenant, line(profile), none ? null : Long.valueOf(form.number("gib")));
            chrome.say(Flash.done("The limit of " + tenant.name() + " on " + profile.name() + " is set."));
            return Html.seeOther("/admin/networks/" + slug + "/limits");
        } catch (ProblemException e) {
            return page(slug, form.refuse(e));
        }
    }
}
