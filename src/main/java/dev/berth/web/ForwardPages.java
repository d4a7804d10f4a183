package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.hypervisor.ForwardSpec.Protocol;
import dev.berth.machines.Forward;
import dev.berth.machines.Forwards;
import dev.berth.machines.Machine;
import dev.berth.machines.Wanted;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** A machine's open ports: where they lead, opening one, closing one. */
@Path("/t/{tenant}/machines/{id}/ports")
@Authenticated
public class ForwardPages {
    /** Longer than this, and somebody wonders. */
    private static final Duration USUAL = Duration.ofSeconds(15);

    /** A port that many machines have, as the form suggests it. */
    public record Common(int port, String name) {}

    private static final List<Common> COMMON = List.of(
            new Common(22, "SSH"),
            new Common(80, "HTTP"),
            new Common(443, "HTTPS"),
            new Common(8080, "HTTP"),
            new Common(3389, "Remote Desktop"),
            new Common(5432, "PostgreSQL"),
            new Common(3306, "MySQL"),
            new Common(51820, "WireGuard, UDP"));

    /** What the page shows of a machine. */
    public record View(
            Machine machine, List<Forward> forwards, Forwards.Offer offer, List<QuotaBar> quota, Instant now) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id();
        }

        public boolean changing() {
            return forwards.stream().anyMatch(forward -> forward.state() == Forward.State.OPENING);
        }

        public boolean slow(Forward forward) {
            return forward.state() == Forward.State.OPENING
                    && Duration.between(forward.createdAt(), now).compareTo(USUAL) > 0;
        }

        /** Whether there is something to fill in. */
        public boolean canOpen() {
            return offer.possible() && machine.wanted() != Wanted.GONE;
        }

        public boolean on() {
            return machine.hasConsole();
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance machinePorts(View view, List<Common> common, Form form);

        static native TemplateInstance machinePorts$now(View view);
    }

    private final Chrome chrome;
    private final Forwards forwards;
    private final Quotas quotas;
    private final Clock clock;

    ForwardPages(Chrome chrome, Forwards forwards, Quotas quotas, Clock clock) {
        this.chrome = chrome;
        this.forwards = forwards;
        this.quotas = quotas;
        this.clock = clock;
    }

    @GET
    public Response ports(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return page(slug, id, Form.empty().with("protocol", Protocol.TCP));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return Html.page(Views.machinePorts$now(view(slug, id)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response open(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        chrome.machine(slug, id);
        try {
            Forward forward = forwards.open(
                    chrome.caller(),
                    id,
                    new Forwards.Wish(
                            protocol(form.value("protocol")),
                            form.integer("guestPort"),
                            form.value("hostPort").isBlank() ? null : form.integer("hostPort"),
                            form.value("description")));
            chrome.say(Flash.done("Port " + forward.guestPort() + " is being opened at " + forward.endpoint() + "."));
            return Html.seeOther(url(slug, id));
        } catch (ProblemException e) {
            if (e.kind() == ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
            return page(slug, id, form.refuse(e));
        }
    }

    @POST
    @Path("{forward}/close")
    public Response close(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("forward") UUID forward) {
        chrome.machine(slug, id);
        try {
            forwards.close(chrome.caller(), id, forward);
            chrome.say(Flash.done("The port is being closed. Connections through it end."));
        } catch (ProblemException e) {
            // Somebody was faster: that is what was wanted.
            chrome.say(Flash.done("The port is closed already."));
        }
        return Html.seeOther(url(slug, id));
    }

    private static Protocol protocol(String text) {
        return Arrays.stream(Protocol.values())
                .filter(protocol -> protocol.name().equals(text))
                .findFirst()
                .orElse(null);
    }

    private Response page(String slug, UUID id, Form form) {
        return Html.page(form.status(), Views.machinePorts(view(slug, id), COMMON, form));
    }

    private View view(String slug, UUID id) {
        Machine machine = chrome.machine(slug, id);
        return new View(
                machine,
                forwards.list(chrome.caller(), id),
                forwards.offer(chrome.caller(), id),
                quotas.standing(machine.tenantId(), chrome.caller().userId()).stream()
                        .filter(use -> use.resource() == Resource.FORWARDS)
                        .map(QuotaBar::of)
                        .toList(),
                clock.instant());
    }

    private static String url(String slug, UUID id) {
        return "/t/" + slug + "/machines/" + id + "/ports";
    }
}
