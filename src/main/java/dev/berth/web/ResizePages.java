package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Resizes;
import dev.berth.requests.Preview;
import dev.berth.requests.Request;
import dev.berth.requests.ResizeRequests;
import dev.berth.requests.Verdict;
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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Changing a machine's size. */
@Path("/t/{tenant}/machines/{id}/size")
@Authenticated
public class ResizePages {
    private static final Set<Resource> SHOWN = EnumSet.of(Resource.VCPUS, Resource.MEMORY_MIB, Resource.DISK_GIB);

    /**
     * What the page shows.
     *
     * @param verdict what comes of the size that is chosen
     * @param asks whether the size that is chosen needs somebody's yes
     * @param open what was asked for already
     */
    public record View(
            Machine machine,
            List<Resizes.Offer> offers,
            List<QuotaBar> bars,
            String verdict,
            boolean asks,
            Optional<Request> open,
            Form form) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/size";
        }

        public String machineUrl() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id();
        }

        public boolean running() {
            return machine.state() == MachineState.RUNNING;
        }

        public boolean changeable() {
            return running() || machine.state() == MachineState.STOPPED;
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance machineSize(View view);

        static native TemplateInstance machineSize$preview(View view);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final Resizes resizes;
    private final ResizeRequests requests;
    private final Quotas quotas;

    ResizePages(Chrome chrome, Machines machines, Resizes resizes, ResizeRequests requests, Quotas quotas) {
        this.chrome = chrome;
        this.machines = machines;
        this.resizes = resizes;
        this.requests = requests;
        this.quotas = quotas;
    }

    /** A size may come with the link: {@code ?size=medium}. */
    @GET
    public Response show(@PathParam("tenant") String slug, @PathParam("id") UUID id, @QueryParam("size") String size) {
        return page(chrome.machine(slug, id), Form.empty().with("size", size == null ? "" : size));
    }

    /** What would come of it. */
    @GET
    @Path("preview")
    public Response preview(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @QueryParam("size") String size) {
        return Html.page(Views.machineSize$preview(
                view(chrome.machine(slug, id), Form.empty().with("size", size == null ? "" : size))));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response change(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Machine machine = chrome.machine(slug, id);
        Form form = Form.of(sent);
        try {
            boolean restart = form.has("restart", "yes");
            if (!form.value("reason").isBlank()) {
                Request asked = requests.create(chrome.caller(), id, form.value("size"), restart, form.value("reason"));
                if (asked.open()) {
                    chrome.say(Flash.done("Another size is asked for. It needs "
                            + asked.needs().label() + "."));
                    return Html.seeOther("/t/" + slug + "/requests/" + asked.id());
                }
                chrome.say(Flash.done(said(machines.get(chrome.caller(), id))));
                return Html.seeOther("/t/" + slug + "/machines/" + id);
            }
            Machine now = requests.resize(chrome.caller(), id, form.value("size"), restart);
            chrome.say(Flash.done(said(now)));
            return Html.seeOther("/t/" + slug + "/machines/" + id);
        } catch (ProblemException e) {
            return page(machine, form.refuse(e));
        }
    }

    private static String said(Machine now) {
        if (now.state() == MachineState.RESTARTING) {
            return now.name() + " restarts with its new size, " + now.sizeName() + ".";
        }
        return now.name() + " has the size " + now.sizeName()
                + (now.former() == null ? " now." : " from its next start. Restart it when that suits you.");
    }

    /** Off and on again, for a size that was changed before. */
    @POST
    @Path("restart")
    public Response restart(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        chrome.machine(slug, id);
        try {
            chrome.say(Flash.done(said(resizes.restart(chrome.caller(), id))));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/t/" + slug + "/machines/" + id);
    }

    private Response page(Machine machine, Form form) {
        return Html.page(form.status(), Views.machineSize(view(machine, form)));
    }

    private View view(Machine machine, Form form) {
        List<Resizes.Offer> offers = resizes.offers(chrome.caller(), machine.id());
        Resizes.Offer chosen = offers.stream()
                .filter(offer -> offer.size().slug().equals(form.value("size")))
                .findFirst()
                .orElse(null);
        List<Preview.Bar> bars = quotas.usage(machine.tenantId()).stream()
                .filter(use -> SHOWN.contains(use.resource()) && !use.resource().scoped())
                .map(use ->
                        new Preview.Bar(use, chosen == null ? 0 : chosen.takes().get(use.line())))
                .toList();
        Verdict verdict = chosen == null ? null : requests.verdict(chrome.caller(), machine.id(), chosen);
        return new View(
                machine,
                offers,
                QuotaBar.ofAll(bars),
                words(machine, chosen, verdict, bars),
                verdict != null && !verdict.passes(),
                requests.open(chrome.caller(), machine.id()),
                form);
    }

    private String words(Machine machine, Resizes.Offer chosen, Verdict verdict, List<Preview.Bar> bars) {
        if (chosen == null) {
            return "Choose a size to see what it takes.";
        }
        List<String> over = bars.stream()
                .filter(bar -> bar.wanted() > 0 && bar.over())
                .map(bar -> bar.use().label())
                .toList();
        if (!over.isEmpty()) {
            return "Over the quota of " + String.join(" and ", over) + ". Choose a smaller size, or ask for more.";
        }
        if (!verdict.passes()) {
            return requests.words(chrome.caller(), machine.id(), verdict);
        }
        return machine.state() == MachineState.RUNNING
                ? "Takes effect at the next start; restart it now if that suits you."
                : "The machine starts with it.";
    }
}
