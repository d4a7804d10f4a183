package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.requests.QuotaRequests;
import dev.berth.requests.Request;
import dev.berth.tenancy.Grants;
import dev.berth.tenancy.Member;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Plans;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Shares;
import dev.berth.tenancy.Tenant;
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
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A team's quota: where it stands, what each member may hold of it, and asking for more. */
@Path("/t/{tenant}/quota")
@Authenticated
public class QuotaPages {
    /** What the page shows. @param plan the plan that the team follows, or empty */
    public record View(
            Tenant tenant,
            String plan,
            List<QuotaBar> bars,
            List<Grants.Grant> grants,
            List<Shares.Standing> members,
            List<Member> people,
            boolean mayShare,
            Form form) {
        public List<Resource> resources() {
            return Resource.WHOLE;
        }

        public String held(Shares.Standing one) {
            return one.resource().amount(one.used()) + " of " + one.resource().label()
                    + (one.share() == null ? "" : ", may hold " + one.resource().amount(one.share()));
        }
    }

    /** What the form that asks shows. */
    public record AskView(Tenant tenant, List<QuotaUse> uses, List<QuotaBar> bars, Form form) {
        public String value(QuotaUse use) {
            return QuotaPages.value(use);
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance quota(View view);

        static native TemplateInstance quotaAsk(AskView view);
    }

    private final Chrome chrome;
    private final Quotas quotas;
    private final Grants grants;
    private final Shares shares;
    private final Plans plans;
    private final Members members;
    private final QuotaRequests requests;

    QuotaPages(
            Chrome chrome,
            Quotas quotas,
            Grants grants,
            Shares shares,
            Plans plans,
            Members members,
            QuotaRequests requests) {
        this.chrome = chrome;
        this.quotas = quotas;
        this.grants = grants;
        this.shares = shares;
        this.plans = plans;
        this.members = members;
        this.requests = requests;
    }

    @GET
    public Response show(@PathParam("tenant") String slug) {
        Tenant tenant = chrome.enter(slug, "quota");
        Form form = Form.empty();
        shares.ofAll(tenant).forEach((resource, share) -> form.with(resource.key(), share));
        return page(tenant, form);
    }

    private Response page(Tenant tenant, Form form) {
        return Html.page(
                form.status(),
                Views.quota(new View(
                        tenant,
                        plans.of(tenant).orElse(""),
                        QuotaBar.ofUses(
                                quotas.standing(tenant.id(), chrome.caller().userId())),
                        grants.list(tenant.id()),
                        shares.standing(chrome.caller(), tenant),
                        members.list(chrome.caller(), tenant),
                        members.mayChange(chrome.caller(), tenant),
                        form)));
    }

    /** For all members, or for the one that is named; an empty field is no share of one's own. */
    @POST
    @Path("shares")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setShares(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "quota");
        Form form = Form.of(sent);
        Map<Resource, Long> wanted = new EnumMap<>(Resource.class);
        for (Resource resource : Resource.WHOLE) {
            wanted.put(resource, form.value(resource.key()).isBlank() ? null : form.number(resource.key()));
        }
        try {
            if (form.value("username").isEmpty()) {
                shares.setForAll(chrome.caller(), tenant, wanted);
                chrome.say(Flash.done("Each member's share is set. What somebody holds already stays."));
            } else {
                shares.set(chrome.caller(), tenant, form.value("username"), wanted);
                chrome.say(Flash.done("The share of " + form.value("username") + " is set."));
            }
            return Html.seeOther("/t/" + slug + "/quota");
        } catch (ProblemException e) {
            return page(tenant, form.refuse(e));
        }
    }

    /** The form, filled in with what was missing. */
    @GET
    @Path("ask")
    public Response ask(
            @PathParam("tenant") String slug,
            @QueryParam("resource") String resource,
            @QueryParam("profile") String profile,
            @QueryParam("more") String more) {
        Tenant tenant = chrome.enter(slug, "quota");
        return ask(
                tenant,
                Form.empty()
                        .with("line", (resource == null ? "" : resource) + "/" + (profile == null ? "" : profile))
                        .with("more", more == null ? "" : more)
                        .with("formToken", UUID.randomUUID()));
    }

    private Response ask(Tenant tenant, Form form) {
        List<QuotaUse> uses = quotas.usage(tenant.id());
        List<QuotaBar> bars = QuotaBar.ofUses(
                uses.stream().filter(use -> form.has("line", value(use))).toList());
        return Html.page(form.status(), Views.quotaAsk(new AskView(tenant, uses, bars, form)));
    }

    private static String value(QuotaUse use) {
        return use.resource().key() + "/" + use.line().profile();
    }

    @POST
    @Path("ask")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response send(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "quota");
        Form form = Form.of(sent);
        String[] line = (form.value("line") + "/").split("/", -1);
        try {
            Request request = requests.create(
                    chrome.caller(),
                    slug,
                    new QuotaRequests.More(
                            line[0], line[1], form.number("more"), until(form.value("until")), form.value("reason")),
                    token(form));
            chrome.say(Flash.done(
                    "Your request was sent. It needs " + request.needs().label() + "."));
            return Html.seeOther("/t/" + slug + "/requests/" + request.id());
        } catch (ProblemException e) {
            return ask(tenant, form.refuse(e, name -> name.equals("resource") ? "line" : name));
        }
    }

    /** The end of that day. */
    private static Instant until(String day) {
        try {
            return day.isBlank()
                    ? null
                    : LocalDate.parse(day.strip())
                            .plusDays(1)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant();
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid("until", "Choose a day, or none.");
        }
    }

    private static UUID token(Form form) {
        try {
            return UUID.fromString(form.value("formToken"));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
