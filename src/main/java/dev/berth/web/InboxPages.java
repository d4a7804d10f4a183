package dev.berth.web;

import dev.berth.catalog.TemplateOffers;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Placement;
import dev.berth.requests.Approvals;
import dev.berth.requests.InboxFilter;
import dev.berth.requests.Offers;
import dev.berth.requests.Preview;
import dev.berth.requests.Request;
import dev.berth.requests.RequestFacts;
import dev.berth.requests.RequestTalk;
import dev.berth.requests.Requester;
import dev.berth.requests.Requests;
import dev.berth.requests.TemplateRequests;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What waits for whoever looks, and all that can be done about it. */
@Path("/inbox")
@Authenticated
public class InboxPages {
    private static final int ROWS = 20;
    private static final int MOST_AT_ONCE = 100;
    private static final List<String> NAMES = List.of("kind", "team", "requester", "whose", "age", "sort");

    /**
     * A request with what a decider wants to know beside it.
     *
     * @param place where it would be placed now; null where nothing would
     * @param wrong whether the form that came back is its own
     */
    public record Item(
            Request request, List<QuotaBar> bars, Requester requester, Placement.Answer place, boolean wrong) {}

    /** What the list was asked for, as it stands in the URL. */
    public record Query(Form form) {
        public boolean filtered() {
            return NAMES.stream()
                    .anyMatch(name -> !name.equals("sort") && !word(name).isEmpty());
        }

        public String word(String name) {
            return form.value(name).strip();
        }

        public String url(String cursor) {
            String query = NAMES.stream()
                    .filter(name -> !word(name).isEmpty())
                    .map(name -> name + "=" + URLEncoder.encode(word(name), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
            String more = cursor == null ? "" : "cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
            String all = query.isEmpty() || more.isEmpty() ? query + more : query + "&" + more;
            return all.isEmpty() ? "/inbox" : "/inbox?" + all;
        }

        /** Words that mean nothing show all: the URL may come from an older page. */
        InboxFilter filter(Caller caller, Clock clock) {
            long age = Math.min(form.number("age"), 3_650);
            return new InboxFilter(
                    Arrays.stream(Request.Kind.values())
                            .filter(kind -> kind.name().equalsIgnoreCase(word("kind")))
                            .findFirst()
                            .orElse(null),
                    word("team"),
                    word("requester"),
                    word("whose").equals("mine") ? caller.userId() : null,
                    age > 0 ? clock.instant().minus(Duration.ofDays(age)) : null,
                    word("sort").equals("newest"));
        }
    }

    /** The list as the page shows it. */
    public record Listing(
            List<Item> items,
            List<TemplateOffers.Offer> reviews,
            String next,
            Query query,
            Request.Kind[] kinds,
            Set<String> teams,
            Set<String> people) {}

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance inbox(Listing list, Form form);

        static native TemplateInstance inboxNotice(long waiting);

        static native TemplateInstance badge();
    }

    private final Chrome chrome;
    private final Requests requests;
    private final RequestFacts facts;
    private final Approvals approvals;
    private final Offers changes;
    private final RequestTalk talk;
    private final TemplateOffers offers;
    private final TemplateRequests proposals;
    private final Clock clock;

    InboxPages(
            Chrome chrome,
            Requests requests,
            RequestFacts facts,
            Approvals approvals,
            Offers changes,
            RequestTalk talk,
            TemplateOffers offers,
            TemplateRequests proposals,
            Clock clock) {
        this.chrome = chrome;
        this.requests = requests;
        this.facts = facts;
        this.approvals = approvals;
        this.changes = changes;
        this.talk = talk;
        this.offers = offers;
        this.proposals = proposals;
        this.clock = clock;
    }

    @GET
    @Transactional
    public Response inbox(@Context UriInfo uri) {
        return page(uri.getQueryParameters(), null, Form.empty());
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
    public Response approve(@PathParam("id") UUID id, @FormParam("back") String back) {
        Caller caller = chrome.decider("inbox");
        return done(back, () -> {
            Request request = approvals.approve(caller, id);
            return request.open()
                    ? "Your yes to " + request.name() + " is noted. It still needs "
                            + request.needs().label() + "."
                    : request.name() + " for " + request.requesterName() + " is approved and on its way.";
        });
    }

    @POST
    @Path("{id}/deny")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response deny(@PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.decider("inbox");
        Form form = Form.of(sent);
        String back = Back.to(form.value("back"), "/inbox");
        try {
            Request request = approvals.deny(caller, id, form.value("reason"));
            chrome.say(Flash.done(
                    "The request for " + request.name() + " is denied. " + request.requesterName() + " reads why."));
        } catch (ProblemException e) {
            Html.requireTheirs(e);
            if (!e.fields().isEmpty() && back.startsWith("/inbox")) {
                return page(new MultivaluedHashMap<>(), id, form.refuse(e));
            }
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(back);
    }

    @POST
    @Path("{id}/offer")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response offer(@PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.decider("inbox");
        Form form = Form.of(sent);
        return done(form.value("back"), () -> {
            Map<String, String> values = new LinkedHashMap<>();
            changes.parts(caller, id).forEach(part -> values.put(part.name(), form.value(part.name())));
            Request request = changes.offer(caller, id, values, form.value("message"));
            return request.name() + " is offered with changes. " + request.requesterName()
                    + " accepts that or withdraws the request.";
        });
    }

    @POST
    @Path("{id}/ask-back")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response askBack(@PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.decider("inbox");
        Form form = Form.of(sent);
        return done(
                form.value("back"),
                () -> "Your question was sent to "
                        + talk.askBack(caller, id, form.value("question")).requesterName() + ".");
    }

    @POST
    @Path("{id}/assign")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response assign(@PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.decider("inbox");
        Form form = Form.of(sent);
        return done(form.value("back"), () -> {
            Request request = talk.assign(caller, id, form.value("assignee"));
            return request.assigneeName() == null
                    ? "Anybody may look at " + request.name() + "."
                    : request.assigneeName() + " looks at " + request.name() + ".";
        });
    }

    /** One answer and one reason for several requests. Each is its own decision: what can't be done is said. */
    @POST
    @Path("bulk")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response bulk(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.decider("inbox");
        Form form = Form.of(sent);
        boolean approve = form.has("verb", "approve");
        List<UUID> ids = form.values("id").stream()
                .map(InboxPages::uuid)
                .filter(id -> id != null)
                .distinct()
                .limit(MOST_AT_ONCE)
                .toList();
        String back = Back.to(form.value("back"), "/inbox");
        if (ids.isEmpty()) {
            chrome.say(Flash.failed("Tick requests first."));
            return Html.seeOther(back);
        }
        if (!approve && form.value("reason").isBlank()) {
            chrome.say(Flash.failed("Say why: the requesters read it. Nothing was denied."));
            return Html.seeOther(back);
        }
        int done = 0;
        List<String> failed = new ArrayList<>();
        for (UUID id : ids) {
            try {
                if (approve) {
                    approvals.approve(caller, id);
                } else {
                    approvals.deny(caller, id, form.value("reason"));
                }
                done++;
            } catch (ProblemException e) {
                failed.add(e.getMessage());
            }
        }
        String words = done + (approve ? " approved." : " denied.");
        chrome.say(
                failed.isEmpty()
                        ? Flash.done(words)
                        : Flash.partly(words + " " + failed.size() + " not: " + String.join(" ", failed)));
        return Html.seeOther(back);
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Does it, says what came of it and goes back to where the form stood. */
    private Response done(String back, Supplier<String> deed) {
        try {
            chrome.say(Flash.done(deed.get()));
        } catch (ProblemException e) {
            Html.requireTheirs(e);
            chrome.say(Flash.failed(
                    e.fields().isEmpty()
                            ? e.getMessage()
                            : String.join(" ", new TreeSet<>(e.fields().values()))));
        }
        return Html.seeOther(Back.to(back, "/inbox"));
    }

    private Response page(MultivaluedMap<String, String> parameters, UUID wrong, Form form) {
        Caller caller = chrome.decider("inbox");
        Query query = new Query(Form.of(parameters));
        Page<Request> page = requests.inbox(caller, query.filter(caller, clock), ROWS, parameters.getFirst("cursor"));
        Map<UUID, List<Preview.Bar>> bars = requests.quotaOf(caller, page.items());
        Map<UUID, Requester> people = facts.requesters(page.items());
        Map<UUID, Placement.Answer> places = facts.places(caller, page.items());
        List<Item> items = page.items().stream()
                .map(request -> new Item(
                        request,
                        QuotaBar.ofAll(bars.get(request.id())),
                        people.get(request.requesterId()),
                        places.get(request.id()),
                        request.id().equals(wrong)))
                .toList();
        Map<String, Set<String>> senders = requests.senders(caller);
        return Html.page(
                form.status(),
                Templates.inbox(
                        new Listing(
                                items,
                                caller.seesAll() ? offers.inReview(caller, proposals.proposedRevisions()) : List.of(),
                                page.next(),
                                query,
                                Request.Kind.values(),
                                senders.keySet(),
                                senders.values().stream()
                                        .flatMap(Set::stream)
                                        .collect(Collectors.toCollection(TreeSet::new))),
                        form));
    }
}
