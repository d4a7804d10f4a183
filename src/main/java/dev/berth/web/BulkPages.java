package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Leases;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One verb for several machines, after a page that says which. */
@Path("/t/{tenant}/machines/bulk")
@Authenticated
public class BulkPages {
    private static final int MOST = 100;

    /** What can be done with several machines at once. */
    public enum Verb {
        START("Start", "started"),
        STOP("Stop", "asked to shut down"),
        EXTEND("Extend", "extended"),
        DELETE("Delete", "being deleted");

        private final String label;
        private final String done;

        Verb(String label, String done) {
            this.label = label;
            this.done = done;
        }

        public String label() {
            return label;
        }

        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        static Verb of(String key) {
            for (Verb verb : values()) {
                if (verb.key().equals(key)) {
                    return verb;
                }
            }
            throw ProblemException.invalid("action", "Choose start, stop, extend or delete.");
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance machinesBulk(
                Tenant tenant, Verb verb, List<Machine> machines, long diskGib, Form form);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final Leases leases;
    private final Words words;

    BulkPages(Chrome chrome, Machines machines, Leases leases, Words words) {
        this.chrome = chrome;
        this.machines = machines;
        this.leases = leases;
        this.words = words;
    }

    @GET
    public Response confirm(
            @PathParam("tenant") String slug, @QueryParam("action") String action, @QueryParam("id") List<UUID> ids) {
        Tenant tenant = chrome.enter(slug, "machines");
        if (ids == null || ids.isEmpty()) {
            chrome.say(Flash.partly("Tick the machines first, then choose what to do with them."));
            return Html.seeOther("/t/" + slug + "/machines");
        }
        return page(tenant, Verb.of(action), ids, Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response run(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "machines");
        Form form = Form.of(sent);
        Verb verb = Verb.of(form.value("action"));
        List<UUID> ids = ids(form);
        if (verb == Verb.DELETE && !"delete".equals(form.value("confirm").strip())) {
            return page(tenant, verb, ids, form.refuse("confirm", "Type the word delete to delete them all."));
        }
        chrome.say(outcome(tenant, verb, ids));
        return Html.seeOther("/t/" + slug + "/machines");
    }

    private Flash outcome(Tenant tenant, Verb verb, List<UUID> ids) {
        int done = 0;
        List<String> refused = new ArrayList<>();
        for (Machine machine : find(tenant, ids)) {
            try {
                act(verb, chrome.caller(), machine.id());
                done++;
            } catch (ProblemException e) {
                refused.add(machine.name() + ": " + e.getMessage());
            }
        }
        String sentence = words.count(done, "machine") + ' ' + verb.done + '.';
        return refused.isEmpty()
                ? Flash.done(sentence)
                : Flash.partly(sentence + " Not possible for " + String.join(" ", refused));
    }

    private void act(Verb verb, Caller caller, UUID id) {
        switch (verb) {
            case START -> machines.start(caller, id);
            case STOP -> machines.stop(caller, id, false);
            case EXTEND -> leases.extend(caller, id);
            case DELETE -> machines.delete(caller, id);
        }
    }

    private Response page(Tenant tenant, Verb verb, List<UUID> ids, Form form) {
        List<Machine> found = find(tenant, ids);
        long diskGib = found.stream().mapToLong(Machine::diskGib).sum();
        return Html.page(form.status(), Templates.machinesBulk(tenant, verb, found, diskGib, form));
    }

    private List<Machine> find(Tenant tenant, List<UUID> ids) {
        if (ids.size() > MOST) {
            throw ProblemException.invalid("id", "Choose at most " + MOST + " machines at once.");
        }
        return machines.list(chrome.caller(), tenant.id(), ids);
    }

    private static List<UUID> ids(Form form) {
        try {
            return form.values("id").stream().map(UUID::fromString).toList();
        } catch (IllegalArgumentException e) {
            throw ProblemException.notFound("machine");
        }
    }
}
