package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Leases;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.machines.Restart;
import dev.berth.requests.ExtensionRequests;
import dev.berth.requests.Request;
import dev.berth.security.Caller;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.UUID;

/** The buttons of a machine: each a form that leads back to where it was pressed. */
@Path("/t/{tenant}/machines/{id}")
@Authenticated
@Consumes(MediaType.APPLICATION_FORM_URLENCODED)
public class MachineActions {
    private interface Verb {
        Machine on(Caller caller, UUID id);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final Leases leases;
    private final ExtensionRequests extensions;
    private final MachinePages pages;
    private final Words words;

    MachineActions(
            Chrome chrome,
            Machines machines,
            Leases leases,
            ExtensionRequests extensions,
            MachinePages pages,
            Words words) {
        this.chrome = chrome;
        this.machines = machines;
        this.leases = leases;
        this.extensions = extensions;
        this.pages = pages;
        this.words = words;
    }

    @POST
    @Path("start")
    public Response start(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(slug, id, back, machines::start, "%s is starting.");
    }

    @POST
    @Path("stop")
    public Response stop(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(
                slug,
                id,
                back,
                (caller, machine) -> machines.stop(caller, machine, false),
                "%s was asked to shut down. If it does not, its page offers to force it.");
    }

    @POST
    @Path("force-stop")
    public Response forceStop(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(
                slug, id, back, (caller, machine) -> machines.stop(caller, machine, true), "%s is being switched off.");
    }

    @POST
    @Path("reboot")
    public Response reboot(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(
                slug,
                id,
                back,
                (caller, machine) -> machines.restart(caller, machine, Restart.REBOOT),
                "%s was asked to reboot.");
    }

    @POST
    @Path("reset")
    public Response reset(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(
                slug,
                id,
                back,
                (caller, machine) -> machines.restart(caller, machine, Restart.RESET),
                "%s is being reset.");
    }

    @POST
    @Path("retry")
    public Response retry(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(slug, id, back, machines::retry, "Trying again with %s.");
    }

    @POST
    @Path("extend")
    public Response extend(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine before = chrome.machine(slug, id);
        try {
            int hours = form.value("hours").isEmpty() ? 0 : form.integer("hours");
            Leases.Terms terms = leases.terms(chrome.caller(), before.tenantId(), before.revisionId());
            if (hours > terms.byItself() && hours <= terms.longest()) {
                Request asked = extensions.create(chrome.caller(), id, hours, form.value("reason"));
                chrome.say(Flash.done(
                        asked.open()
                                ? "A lease of " + words.hours(hours) + " is asked for. It needs "
                                        + asked.needs().label() + "."
                                : words.leaseSet(chrome.machine(slug, id))));
                return Html.seeOther(url(slug, id));
            }
            Machine machine = form.value("hours").isEmpty()
                    ? leases.extend(chrome.caller(), id)
                    : leases.extend(chrome.caller(), id, hours);
            chrome.say(Flash.done(words.leaseSet(machine)));
            return Html.seeOther(url(slug, id));
        } catch (ProblemException e) {
            return pages.page(slug, id, form.refuse(e));
        }
    }

    @POST
    @Path("pin")
    public Response pin(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(slug, id, back, leases::pin, "%s is pinned: its lease has no end.");
    }

    @POST
    @Path("unpin")
    public Response unpin(@PathParam("tenant") String slug, @PathParam("id") UUID id, @FormParam("back") String back) {
        return act(slug, id, back, leases::unpin, "%s is no longer pinned.");
    }

    @POST
    @Path("delete")
    public Response delete(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        if (!machine.name().equals(form.value("confirm").strip())) {
            return pages.deletePage(
                    slug, id, form.refuse("confirm", "Type the name exactly, " + machine.name() + ", to delete it."));
        }
        boolean withDisks = form.has("disks", "delete");
        return act(slug, id, null, (caller, one) -> machines.delete(caller, one, withDisks), "%s is being deleted.");
    }

    private Response act(String slug, UUID id, String back, Verb verb, String sentence) {
        chrome.machine(slug, id);
        try {
            chrome.say(
                    Flash.done(sentence.formatted(verb.on(chrome.caller(), id).name())));
        } catch (ProblemException e) {
            if (e.kind() == ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(Back.to(back, url(slug, id)));
    }

    private static String url(String slug, UUID id) {
        return "/t/" + slug + "/machines/" + id;
    }
}
