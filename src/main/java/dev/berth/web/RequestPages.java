package dev.berth.web;

import dev.berth.catalog.NetworkAdvisor;
import dev.berth.catalog.Question;
import dev.berth.catalog.StorageAdvisor;
import dev.berth.common.ProblemException;
import dev.berth.machines.Placement;
import dev.berth.requests.Approvals;
import dev.berth.requests.Offers;
import dev.berth.requests.Request;
import dev.berth.requests.RequestEvent;
import dev.berth.requests.RequestFacts;
import dev.berth.requests.RequestHistory;
import dev.berth.requests.RequestState;
import dev.berth.requests.RequestTalk;
import dev.berth.requests.Requester;
import dev.berth.requests.Requests;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
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
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A tenant's requests: asking for a machine, and what became of it. */
@Path("/t/{tenant}/requests")
@Authenticated
public class RequestPages {
    private static final int ROWS = 25;

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance requests(
                Tenant tenant, List<Request> requests, String next, String state, RequestState[] states);

        static native TemplateInstance request(View view, Request request, Form form);

        static native TemplateInstance request$now(View view, Request request, Form form);

        static native TemplateInstance requestNew(RequestForm.View view);

        static native TemplateInstance requestNew$preview(RequestForm.View view);

        static native TemplateInstance requestNew$choices(RequestForm.View view);

        static native TemplateInstance requestNew$advice(RequestForm.View view);

        static native TemplateInstance nameHint(String problem);
    }

    /**
     * A request's page.
     *
     * @param parts what can be offered otherwise, by whoever looks
     * @param requester null for those who don't decide
     * @param place likewise, and where nothing would be placed
     */
    public record View(
            Tenant tenant,
            List<QuotaBar> bars,
            List<RequestEvent> history,
            List<Request.Part> parts,
            Requester requester,
            Placement.Answer place,
            boolean mine,
            boolean answers) {}

    /** What both advisors ask. */
    private static final List<Question> QUESTIONS = Stream.of(NetworkAdvisor.QUESTIONS, StorageAdvisor.QUESTIONS)
            .flatMap(List::stream)
            .toList();

    private final Chrome chrome;
    private final Requests requests;
    private final Approvals approvals;
    private final Offers offers;
    private final RequestTalk talk;
    private final RequestHistory history;
    private final RequestFacts facts;
    private final RequestForm forms;

    RequestPages(
            Chrome chrome,
            Requests requests,
            Approvals approvals,
            Offers offers,
            RequestTalk talk,
            RequestHistory history,
            RequestFacts facts,
            RequestForm forms) {
        this.chrome = chrome;
        this.requests = requests;
        this.approvals = approvals;
        this.offers = offers;
        this.talk = talk;
        this.history = history;
        this.facts = facts;
        this.forms = forms;
    }

    @GET
    public Response list(
            @PathParam("tenant") String slug, @QueryParam("state") String state, @QueryParam("cursor") String cursor) {
        Tenant tenant = chrome.enter(slug, "requests");
        RequestState wanted = Arrays.stream(RequestState.values())
                .filter(one -> one.css().equals(state))
                .findFirst()
                .orElse(null);
        var page = requests.list(chrome.caller(), tenant.id(), wanted, ROWS, cursor);
        return Html.page(Templates.requests(
                tenant, page.items(), page.next(), wanted == null ? "" : wanted.css(), RequestState.values()));
    }

    /** Choices may come with the link: {@code ?template=debian}, and so may the answers to the advisor's questions. */
    @GET
    @Path("new")
    public Response fresh(
            @PathParam("tenant") String slug, @QueryParam("template") String template, @Context UriInfo uri) {
        Tenant tenant = chrome.enter(slug, "new");
        Form form = ProfilePages.answered(QUESTIONS, uri).with("template", template == null ? "" : template);
        RequestForm.View view = forms.view(chrome.caller(), tenant, form);
        form.withAll("key", view.keys().stream().map(key -> key.id().toString()).toList());
        return Html.page(Templates.requestNew(view));
    }

    /** What would come of it. Scripts get the parts that changed, a browser without them the whole form again. */
    @POST
    @Path("preview")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response preview(
            @PathParam("tenant") String slug,
            @HeaderParam("HX-Request") String scripted,
            MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "new");
        Form form = Form.of(sent);
        RequestForm.View view = forms.view(chrome.caller(), tenant, form);
        String nameProblem = form.value("name").isBlank() ? "" : forms.problem(chrome.caller(), tenant, form, "name");
        if (scripted == null) {
            if (!nameProblem.isEmpty()) {
                form.refuse("name", nameProblem);
            }
            return Html.page(Templates.requestNew(view));
        }
        boolean other = !form.value("shown").equals(form.value("template"));
        return Html.pieces(
                Templates.requestNew$preview(view),
                Templates.nameHint(nameProblem),
                other ? Templates.requestNew$choices(view) : Templates.requestNew$advice(view));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "new");
        Form form = Form.of(sent);
        try {
            Request request = forms.send(chrome.caller(), tenant, form);
            if (request.state() == RequestState.APPROVED) {
                chrome.say(Flash.done("Your request was approved by itself. " + request.name() + " is being created."));
                return Html.seeOther("/t/" + slug + "/machines/" + request.machineId());
            }
            chrome.say(Flash.done(
                    "Your request was sent. It needs " + request.needs().label() + "."));
            return Html.seeOther("/t/" + slug + "/requests/" + request.id());
        } catch (ProblemException e) {
            form.refuse(e);
            return Html.page(form.status(), Templates.requestNew(forms.view(chrome.caller(), tenant, form)));
        }
    }

    @GET
    @Path("{id}")
    public Response request(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Tenant tenant = chrome.enter(slug, "requests");
        Request request = find(tenant, id);
        return Html.page(Templates.request(view(tenant, request), request, Form.empty()));
    }

    /** The part that changes. */
    @GET
    @Path("{id}/now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Tenant tenant = chrome.enter(slug, "requests");
        Request request = find(tenant, id);
        return Html.page(Templates.request$now(view(tenant, request), request, Form.empty()));
    }

    private View view(Tenant tenant, Request request) {
        Caller caller = chrome.caller();
        boolean decides = request.decidable(caller);
        return new View(
                tenant,
                QuotaBar.ofAll(requests.quotaOf(caller, request.id())),
                history.of(caller, request.id()),
                decides ? offers.parts(caller, request.id()) : List.of(),
                decides ? facts.requesters(List.of(request)).get(request.requesterId()) : null,
                decides ? facts.places(caller, List.of(request)).get(request.id()) : null,
                request.requesterId().equals(caller.userId()),
                request.state() == RequestState.PENDING && caller.tenants().containsKey(tenant.id()));
    }

    /** The requester takes what was offered. */
    @POST
    @Path("{id}/accept")
    public Response accept(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Tenant tenant = chrome.enter(slug, "requests");
        find(tenant, id);
        try {
            Request request = offers.accept(chrome.caller(), id);
            chrome.say(Flash.done("You accepted the offer. " + request.name() + " is on its way."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/t/" + slug + "/requests/" + id);
    }

    /** A member of the team answers a decider's question. */
    @POST
    @Path("{id}/answer")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response answer(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "requests");
        Request request = find(tenant, id);
        Form form = Form.of(sent);
        try {
            talk.answer(chrome.caller(), id, form.value("answer"));
            chrome.say(Flash.done("Your answer was sent."));
            return Html.seeOther("/t/" + slug + "/requests/" + id);
        } catch (ProblemException e) {
            form.refuse(e);
            return Html.page(form.status(), Templates.request(view(tenant, request), request, form));
        }
    }

    @POST
    @Path("{id}/withdraw")
    public Response withdraw(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Tenant tenant = chrome.enter(slug, "requests");
        find(tenant, id);
        try {
            approvals.withdraw(chrome.caller(), id);
            chrome.say(Flash.done("The request was withdrawn and its quota given back."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/t/" + slug + "/requests/" + id);
    }

    private Request find(Tenant tenant, UUID id) {
        Request request = requests.get(chrome.caller(), id);
        if (!request.tenantId().equals(tenant.id())) {
            throw ProblemException.notFound("request");
        }
        return request;
    }
}
