package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Plan;
import dev.berth.tenancy.Plans;
import dev.berth.tenancy.QuotaSettings;
import dev.berth.tenancy.Resource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
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

/** The plans that teams follow, and what holds for all quotas; for admins. */
@Path("/admin/plans")
@Authenticated
public class PlanPages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance plans(
                List<Plan> plans, List<Resource> resources, boolean stoppedGiveBack, Form form);
    }

    private final Chrome chrome;
    private final Plans plans;
    private final QuotaSettings settings;

    PlanPages(Chrome chrome, Plans plans, QuotaSettings settings) {
        this.chrome = chrome;
        this.plans = plans;
        this.settings = settings;
    }

    /** @param edit the plan that the form starts with */
    @GET
    public Response list(@QueryParam("edit") String edit) {
        Caller caller = chrome.admin("tenants");
        Form form = Form.empty();
        if (edit != null) {
            Plan plan = plans.get(caller, edit);
            form.with("slug", plan.slug()).with("name", plan.name());
            Resource.WHOLE.forEach(resource -> form.with(resource.key(), plan.limit(resource)));
        }
        return page(caller, form);
    }

    private Response page(Caller caller, Form form) {
        return Html.page(
                form.status(), Templates.plans(plans.list(caller), Resource.WHOLE, settings.stoppedGiveBack(), form));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response save(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("tenants");
        Form form = Form.of(sent);
        Map<Resource, Long> limits = new EnumMap<>(Resource.class);
        Resource.WHOLE.forEach(resource -> limits.put(resource, form.number(resource.key())));
        try {
            Plan plan = plans.save(
                    caller, form.value("slug").strip(), form.value("name").strip(), limits);
            chrome.say(Flash.done("The plan " + plan.name() + " is set"
                    + (plan.followers() == 0 ? "." : ", also for those who follow it: " + plan.followers() + ".")));
            return Html.seeOther("/admin/plans");
        } catch (ProblemException e) {
            return page(caller, form.refuse(e));
        }
    }

    @POST
    @Path("{plan}/delete")
    public Response delete(@PathParam("plan") String slug) {
        Caller caller = chrome.admin("tenants");
        try {
            plans.delete(caller, slug);
            chrome.say(Flash.done("The plan is gone."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/admin/plans");
    }

    @POST
    @Path("stopped")
    public Response stopped(@FormParam("giveBack") String giveBack) {
        Caller caller = chrome.admin("tenants");
        boolean back = "yes".equals(giveBack);
        settings.setStoppedGiveBack(caller, back);
        chrome.say(Flash.done(
                back
                        ? "Stopped machines hold no vCPUs and no memory from now on."
                        : "Stopped machines hold their vCPUs and memory from now on."));
        return Html.seeOther("/admin/plans");
    }
}
