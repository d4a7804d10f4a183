package dev.berth.web;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Grants;
import dev.berth.tenancy.Plan;
import dev.berth.tenancy.Plans;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import dev.berth.tenancy.UnknownTeam;
import dev.berth.tenancy.UnknownTeams;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The tenants and their quotas, for admins. */
@Path("/admin/tenants")
@Authenticated
public class TenantPages {
    private static final int ROWS = 24;
    /** What the form for a new tenant starts with. */
    private static final Map<Resource, Long> USUAL = Map.of(
            Resource.MACHINES, 10L,
            Resource.VCPUS, 20L,
            Resource.MEMORY_MIB, 40_960L,
            Resource.DISK_GIB, 400L,
            Resource.FORWARDS, 20L,
            Resource.SNAPSHOTS, 20L);

    /** A tenant with its standing. */
    public record Item(Tenant tenant, List<QuotaBar> bars) {}

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance tenants(
                List<Item> items,
                String q,
                String next,
                List<UnknownTeam> unknown,
                List<Resource> resources,
                Form form);

        static native TemplateInstance tenantQuota(
                Tenant tenant, List<QuotaBar> bars, List<Resource> resources, List<Plan> plans, String plan, Form form);
    }

    private final Chrome chrome;
    private final Tenants tenants;
    private final Quotas quotas;
    private final Plans plans;
    private final Grants grants;
    private final UnknownTeams unknown;

    TenantPages(Chrome chrome, Tenants tenants, Quotas quotas, Plans plans, Grants grants, UnknownTeams unknown) {
        this.chrome = chrome;
        this.tenants = tenants;
        this.quotas = quotas;
        this.plans = plans;
        this.grants = grants;
        this.unknown = unknown;
    }

    @GET
    public Response list(
            @QueryParam("q") String q, @QueryParam("cursor") String cursor, @QueryParam("slug") String slug) {
        Form form = Form.empty().with("slug", slug == null ? "" : slug);
        for (Resource resource : Resource.WHOLE) {
            form.with(resource.key(), USUAL.getOrDefault(resource, 0L));
        }
        return list(q, cursor, form);
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("tenants");
        Form form = Form.of(sent);
        try {
            Tenant tenant = tenants.create(
                    caller, form.value("slug").strip(), form.value("name").strip(), limits(form));
            chrome.say(Flash.done(tenant.name() + " is there. Now say who belongs to it."));
            return Html.seeOther("/t/" + tenant.slug() + "/members");
        } catch (ProblemException e) {
            return list(null, null, form.refuse(e));
        }
    }

    private Response list(String q, String cursor, Form form) {
        Page<Tenant> page = tenants.list(chrome.admin("tenants"), q, ROWS, cursor);
        Map<UUID, List<QuotaUse>> usage =
                quotas.usage(page.items().stream().map(Tenant::id).toList());
        List<Item> items = page.items().stream()
                .map(tenant -> new Item(tenant, QuotaBar.ofUses(usage.getOrDefault(tenant.id(), List.of()))))
                .toList();
        return Html.page(
                form.status(),
                Templates.tenants(
                        items,
                        q == null ? "" : q.strip(),
                        page.next(),
                        unknown.list(chrome.caller()),
                        Resource.WHOLE,
                        form));
    }

    @GET
    @Path("{slug}")
    public Response quota(@PathParam("slug") String slug) {
        Tenant tenant = tenants.get(chrome.admin("tenants"), slug);
        Form form = Form.empty();
        quotas.ownLimits(tenant).forEach((resource, limit) -> form.with(resource.key(), limit));
        return page(tenant, form);
    }

    @POST
    @Path("{slug}/quota")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setQuota(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("tenants");
        Tenant tenant = tenants.get(caller, slug);
        Form form = Form.of(sent);
        try {
            quotas.setLimits(caller, tenant, own(form, plans.of(tenant).isPresent()));
            chrome.say(Flash.done("The limits of " + tenant.name() + " are set."));
            return Html.seeOther("/admin/tenants");
        } catch (ProblemException e) {
            return page(tenant, form.refuse(e));
        }
    }

    @POST
    @Path("{slug}/plan")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response follow(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("tenants");
        Tenant tenant = tenants.get(caller, slug);
        Form form = Form.of(sent);
        plans.follow(caller, tenant, form.value("plan"), form.has("keepOwn", "yes"));
        chrome.say(Flash.done("The limits of " + tenant.name() + " are set."));
        return Html.seeOther("/admin/tenants/" + slug);
    }

    @POST
    @Path("{slug}/grants/{grant}/end")
    public Response endGrant(@PathParam("slug") String slug, @PathParam("grant") UUID grant) {
        Caller caller = chrome.admin("tenants");
        grants.end(caller, tenants.get(caller, slug), grant);
        chrome.say(Flash.done("It has ended. What is in use stays."));
        return Html.seeOther("/t/" + slug + "/quota");
    }

    /** An empty field is what the plan says, if there is one. */
    private static Map<Resource, Long> own(Form form, boolean plan) {
        Map<Resource, Long> limits = limits(form);
        if (plan) {
            Resource.WHOLE.stream()
                    .filter(resource -> form.value(resource.key()).isBlank())
                    .forEach(resource -> limits.put(resource, null));
        }
        return limits;
    }

    private static Map<Resource, Long> limits(Form form) {
        Map<Resource, Long> limits = new EnumMap<>(Resource.class);
        for (Resource resource : Resource.WHOLE) {
            limits.put(resource, form.number(resource.key()));
        }
        return limits;
    }

    private Response page(Tenant tenant, Form form) {
        return Html.page(
                form.status(),
                Templates.tenantQuota(
                        tenant,
                        QuotaBar.ofUses(quotas.usage(tenant.id())),
                        Resource.WHOLE,
                        plans.list(chrome.caller()),
                        plans.of(tenant).orElse(""),
                        form));
    }
}
