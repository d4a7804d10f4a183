package dev.berth.web;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.Size;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.requests.Ask;
import dev.berth.requests.Deciders;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Policies;
import dev.berth.requests.PolicyLimits;
import dev.berth.requests.PolicyRule;
import dev.berth.requests.Request;
import dev.berth.requests.Verdict;
import dev.berth.security.Caller;
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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;

/** Who has to say yes to what, for admins: the rules, and what would come of an ask under them. */
@Path("/admin/policies")
@Authenticated
public class PolicyPages {
    private static final String ON = "yes";

    /** What can be chosen from. */
    public record Choices(
            List<Template> templates,
            List<Tenant> tenants,
            List<Size> sizes,
            List<Profile> networks,
            List<Profile> storage,
            List<Profiles.Kind> networkKinds,
            List<Profiles.Kind> storageKinds) {}

    /** What a try-out said; null words before there was one. */
    public record Answer(boolean passes, String words, String rule) {}

    @CheckedTemplate(basePath = "pages")
    static class Views {
        static native TemplateInstance policies(
                List<PolicyRule> rules, Request.Kind[] kinds, Choices choices, Form form, Form asked, Answer answer);
    }

    private final Chrome chrome;
    private final Policies policies;
    private final MachineRequests requests;
    private final Templates templates;
    private final Tenants tenants;
    private final Sizes sizes;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;

    PolicyPages(
            Chrome chrome,
            Policies policies,
            MachineRequests requests,
            Templates templates,
            Tenants tenants,
            Sizes sizes,
            NetworkProfiles networks,
            StorageProfiles storage) {
        this.chrome = chrome;
        this.policies = policies;
        this.requests = requests;
        this.templates = templates;
        this.tenants = tenants;
        this.sizes = sizes;
        this.networks = networks;
        this.storage = storage;
    }

    /** @param edit the rule that the form shall start with */
    @GET
    public Response list(@QueryParam("edit") UUID edit) {
        Caller caller = chrome.admin("policies");
        Form form = edit == null ? fresh() : formOf(policies.get(caller, edit));
        return page(caller, form, asked(caller), null);
    }

    private static Form fresh() {
        return Form.empty()
                .with("kind", Request.Kind.MACHINE)
                .with("above", Deciders.ADMIN)
                .with("self", ON);
    }

    private Form asked(Caller caller) {
        return Form.empty().with("requester", caller.username()).with("lease", 24);
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response set(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("policies");
        Form form = Form.of(sent);
        try {
            PolicyRule rule = policies.set(
                    caller,
                    new Policies.Draft(
                            word(Request.Kind.values(), form.value("kind")),
                            form.value("template"),
                            form.value("tenant"),
                            limits(form, "self"),
                            limits(form, "owner"),
                            word(Deciders.values(), form.value("above")),
                            form.value("note").strip()));
            chrome.say(Flash.done("The policy is set: " + rule.scope() + ". It holds for requests from now on."));
            return Html.seeOther("/admin/policies");
        } catch (ProblemException e) {
            form.refuse(e, PolicyPages::fieldOf);
            return page(caller, form, asked(caller), null);
        }
    }

    /** {@code byItself.vcpus} is {@code selfVcpus} in the form. */
    private static String fieldOf(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            return name;
        }
        String figure = name.substring(dot + 1);
        return (name.startsWith("byItself") ? "self" : "owner")
                + Character.toUpperCase(figure.charAt(0))
                + figure.substring(1);
    }

    @POST
    @Path("{id}/delete")
    public Response delete(@PathParam("id") UUID id) {
        Caller caller = chrome.admin("policies");
        String scope = policies.get(caller, id).scope();
        policies.delete(caller, id);
        chrome.say(Flash.done("The policy is deleted: " + scope + ". The next less specific one holds."));
        return Html.seeOther("/admin/policies");
    }

    /** What would come of an ask; nothing is sent. */
    @GET
    @Path("try-out")
    public Response tryOut(@Context UriInfo uri) {
        Caller caller = chrome.admin("policies");
        Form asked = Form.of(uri.getQueryParameters());
        try {
            Tenant tenant = tenants.find(caller, asked.value("team"))
                    .orElseThrow(() -> ProblemException.invalid("team", "Choose one of the teams."));
            Verdict verdict = requests.tryOut(
                    caller,
                    tenant,
                    requester(asked),
                    new Ask(
                            asked.value("of"),
                            asked.value("size"),
                            "",
                            asked.value("network"),
                            asked.value("storage"),
                            List.of(),
                            "",
                            asked.integer("lease"),
                            ""));
            Answer answer = new Answer(verdict.passes(), verdict.words(policies.owners(tenant)), verdict.rule());
            return page(caller, fresh(), asked, answer);
        } catch (ProblemException e) {
            asked.refuse(e, name -> name.equals("template") ? "of" : name.equals("leaseHours") ? "lease" : name);
            return page(caller, fresh(), asked, null);
        }
    }

    private Caller requester(Form asked) {
        try {
            return tenants.caller(asked.value("requester").strip(), "");
        } catch (ProblemException e) {
            throw ProblemException.invalid("requester", "There is nobody of this name.");
        }
    }

    private Response page(Caller caller, Form form, Form asked, Answer answer) {
        Choices choices = new Choices(
                templates.list(caller),
                tenants.list(caller),
                sizes.list().stream().filter(size -> !size.retired()).toList(),
                networks.list().stream().filter(profile -> !profile.retired()).toList(),
                storage.list().stream().filter(profile -> !profile.retired()).toList(),
                List.copyOf(networks.kinds()),
                List.copyOf(storage.kinds()));
        return Html.page(
                Math.max(form.status(), asked.status()),
                Views.policies(policies.list(caller), Request.Kind.values(), choices, form, asked, answer));
    }

    private static <E extends Enum<E>> E word(E[] all, String name) {
        return Arrays.stream(all)
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static PolicyLimits limits(Form form, String level) {
        if (!form.has(level, ON)) {
            return null;
        }
        Long vcpus = figure(form, level + "Vcpus");
        Long hours = figure(form, level + "LeaseHours");
        return new PolicyLimits(
                vcpus == null ? null : (int) Math.min(vcpus, Integer.MAX_VALUE),
                figure(form, level + "MemoryMib"),
                figure(form, level + "DiskGib"),
                hours == null ? null : (int) Math.min(hours, Integer.MAX_VALUE),
                figure(form, level + "Machines"),
                new HashSet<>(form.values(level + "NetworkKinds")),
                new HashSet<>(form.values(level + "StorageKinds")));
    }

    private static Long figure(Form form, String name) {
        return form.value(name).isBlank() ? null : (Long) form.number(name);
    }

    private static Form formOf(PolicyRule rule) {
        Form form = Form.empty()
                .with("kind", rule.kind())
                .with("template", rule.template())
                .with("tenant", rule.tenant())
                .with("above", rule.above())
                .with("note", rule.note());
        fill(form, "self", rule.byItself());
        fill(form, "owner", rule.byOwner());
        return form;
    }

    private static void fill(Form form, String level, PolicyLimits limits) {
        if (limits == null) {
            return;
        }
        form.with(level, ON)
                .with(level + "Vcpus", text(limits.vcpus()))
                .with(level + "MemoryMib", text(limits.memoryMib()))
                .with(level + "DiskGib", text(limits.diskGib()))
                .with(level + "LeaseHours", text(limits.leaseHours()))
                .with(level + "Machines", text(limits.machines()))
                .withAll(level + "NetworkKinds", List.copyOf(limits.networkKinds()))
                .withAll(level + "StorageKinds", List.copyOf(limits.storageKinds()));
    }

    private static String text(Number figure) {
        return figure == null ? "" : figure.toString();
    }
}
