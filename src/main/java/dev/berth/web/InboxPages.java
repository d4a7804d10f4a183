package dev.berth.web;

import dev.berth.catalog.TemplateOffers;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.requests.Approvals;
import dev.berth.requests.Preview;
import dev.berth.requests.Request;
import dev.berth.requests.Requests;
import dev.berth.security.Caller;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What waits for whoever looks, oldest first, and the two answers. */
@Path("/inbox")
@Authenticated
public class InboxPages {
    private static final int ROWS = 20;

    /** A request with the quota of its tenant without and with it, and whether the form that came back is its own. */
    public record Item(Request request, List<QuotaBar> bars, boolean wrong) {}

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance inbox(
                List<Item> items, List<TemplateOffers.Offer> reviews, String next, Form form);

        static native TemplateInstance inboxNotice(long waiting);

        static native TemplateInstance badge();
    }

    private final Chrome chrome;
    private final Requests requests;
    private final Approvals approvals;
    private final TemplateOffers offers;

    InboxPages(Chrome chrome, Requests requests, Approvals approvals, TemplateOffers offers) {
        this.chrome = chrome;
        this.requests = requests;
        this.approvals = approvals;
        this.offers = offers;
    }

    @GET
    public Response inbox(@QueryParam("cursor") String cursor) {
        return page(cursor, null, Form.empty());
    }

    /** A line that says that the list has changed: half-written reasons must not vanish under an admin's hands. */
    @GET
    @Path("notice")
    public Response notice() {
        chrome.decider("inbox");
        return Html.page(Templates.inboxNotice(requests.waiting(chrome.caller())));
    }

    /** The number beside the inbox, fetched anew when it changes. */
    @GET
    @Path("badge")
    public Response badge() {
        chrome.decider("inbox");
        return Html.page(Templates.badge());
    }

    @POST
    @Path("{id}/approve")
    public Response approve(@PathParam("id") UUID id) {
        Caller caller = chrome.decider("inbox");
        try {
            Request request = approvals.approve(caller, id);
            chrome.say(Flash.done(
                    request.open()
                            ? "Your yes to " + request.name() + " is noted. It still needs "
                                    + request.needs().label() + "."
                            : request.name() + " for " + request.requesterName() + " is approved and on its way."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/inbox");
    }

    @POST
    @Path("{id}/deny")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response deny(@PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.decider("inbox");
        Form form = Form.of(sent);
        try {
            Request request = approvals.deny(caller, id, form.value("reason"));
            chrome.say(Flash.done(
                    "The request for " + request.name() + " is denied. " + request.requesterName() + " reads why."));
            return Html.seeOther("/inbox");
        } catch (ProblemException e) {
            if (e.fields().isEmpty()) {
                chrome.say(Flash.failed(e.getMessage()));
                return Html.seeOther("/inbox");
            }
            return page(null, id, form.refuse(e));
        }
    }

    private Response page(String cursor, UUID wrong, Form form) {
        Caller caller = chrome.decider("inbox");
        Page<Request> page = requests.inbox(caller, ROWS, cursor);
        Map<UUID, List<Preview.Bar>> bars = requests.quotaOf(caller, page.items());
        List<Item> items = page.items().stream()
                .map(request -> new Item(
                        request,
                        QuotaBar.ofAll(bars.get(request.id())),
                        request.id().equals(wrong)))
                .toList();
        return Html.page(
                form.status(),
                Templates.inbox(items, caller.admin() ? offers.inReview(caller) : List.of(), page.next(), form));
    }
}
