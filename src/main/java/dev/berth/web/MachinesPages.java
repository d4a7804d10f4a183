package dev.berth.web;

import dev.berth.common.Page;
import dev.berth.machines.LeaseState;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineFigures;
import dev.berth.machines.MachineList;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The list of a tenant's machines. Each page reads in one transaction: it is quicker, and its parts fit together. */
@Path("/t/{tenant}/machines")
@Authenticated
public class MachinesPages {
    private static final int ROWS = 25;
    private static final Map<String, String> VERBS = Map.of("start", "Start", "retry", "Retry", "stop", "Stop");

    /**
     * A machine in a list, in the words that its row shows: the row is drawn so often that its template had better not
     * call anything.
     *
     * @param doing the step that is under way or what failed, or empty
     * @param notice what is wrong with what the machine stands on, or empty
     * @param verb the last part of the path that its button posts to, or empty for no button
     */
    public record Row(
            String id,
            String url,
            String name,
            String state,
            String stateLabel,
            boolean changing,
            String doing,
            String notice,
            String address,
            String size,
            String figures,
            String template,
            String owner,
            String lease,
            String leaseLevel,
            String verb,
            String verbLabel,
            boolean console) {
        static Row of(Machine machine, String step, String quarantined, Words words) {
            String verb = machine.canStart() ? "start" : machine.canRetry() ? "retry" : machine.canStop() ? "stop" : "";
            return new Row(
                    machine.id().toString(),
                    words.url(machine),
                    machine.name(),
                    machine.state().css(),
                    machine.state().label(),
                    machine.state().changing(),
                    machine.state().changing() && !step.isEmpty() ? step : machine.failure(),
                    quarantined != null ? "Image " + quarantined + " is quarantined" : machine.trouble(),
                    machine.address(),
                    machine.sizeName(),
                    machine.vcpus() + " vCPU, " + machine.memory() + ", " + Words.disk(machine.diskGib()),
                    machine.templateName(),
                    machine.ownerName(),
                    words.lease(machine),
                    words.leaseLevel(machine),
                    verb,
                    VERBS.getOrDefault(verb, ""),
                    machine.hasConsole());
        }
    }

    /** What the list was asked for, as it stands in the URL. */
    public record Query(String q, String state, String lease, String owner, String sort) {
        public boolean filtered() {
            return !q.isEmpty() || !state.isEmpty() || !lease.isEmpty() || !owner.isEmpty();
        }

        /** The same list in another order. */
        public String sorted(String other) {
            return url(other, null);
        }

        public String url(String order, String cursor) {
            StringBuilder url = new StringBuilder("?");
            add(url, "q", q);
            add(url, "state", state);
            add(url, "lease", lease);
            add(url, "owner", owner);
            add(url, "sort", order);
            add(url, "cursor", cursor);
            return url.substring(0, url.length() - 1);
        }

        private static void add(StringBuilder url, String name, String value) {
            if (value != null && !value.isEmpty()) {
                url.append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                        .append('&');
            }
        }
    }

    /** The list as the page shows it. */
    public record Listing(
            Tenant tenant,
            List<Row> rows,
            String next,
            boolean first,
            Query query,
            List<MachineState> states,
            List<LeaseState> leases,
            Map<String, String> owners) {
        /** The list as it is now, without the frame. */
        public String url() {
            String query = this.query.sorted(this.query.sort());
            return "/t/" + tenant.slug() + "/machines" + (query.length() > 1 ? query : "");
        }

        public String nextUrl() {
            return "/t/" + tenant.slug() + "/machines" + query.url(query.sort(), next);
        }
    }

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance machines(Listing list);

        static native TemplateInstance machines$table(Listing list);

        static native TemplateInstance machines$row(Row row);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final MachineFigures figures;
    private final QuarantineNotices quarantine;
    private final Words words;

    MachinesPages(Chrome chrome, Machines machines, MachineFigures figures, QuarantineNotices quarantine, Words words) {
        this.chrome = chrome;
        this.machines = machines;
        this.figures = figures;
        this.quarantine = quarantine;
        this.words = words;
    }

    @GET
    @Transactional
    public Response list(
            @PathParam("tenant") String slug,
            @QueryParam("q") String q,
            @QueryParam("state") String state,
            @QueryParam("lease") String lease,
            @QueryParam("owner") String owner,
            @QueryParam("sort") String sort,
            @QueryParam("cursor") String cursor,
            @HeaderParam("HX-Target") String target) {
        Tenant tenant = chrome.enter(slug, "machines");
        Query query = new Query(text(q), text(state), text(lease), text(owner), text(sort));
        MachineList wanted = new MachineList(
                tenant.id(),
                state(query.state()),
                lease(query.lease()),
                uuid(query.owner()),
                query.q(),
                MachineList.Sort.of(query.sort()));
        Page<Machine> page = machines.list(chrome.caller(), wanted, ROWS, cursor);
        Map<UUID, String> steps = figures.currentSteps(page.items().stream()
                .filter(machine -> machine.state().changing())
                .map(Machine::id)
                .toList());
        Map<UUID, String> quarantined =
                quarantine.of(page.items().stream().map(Machine::id).toList());
        List<Row> rows = page.items().stream()
                .map(machine ->
                        Row.of(machine, steps.getOrDefault(machine.id(), ""), quarantined.get(machine.id()), words))
                .toList();
        boolean part = "machine-list".equals(target);
        Listing list = new Listing(
                tenant,
                rows,
                page.next(),
                cursor == null || cursor.isEmpty(),
                query,
                Arrays.stream(MachineState.values())
                        .filter(one -> one != MachineState.GONE)
                        .toList(),
                List.of(LeaseState.values()),
                part ? Map.of() : owners(tenant));
        return Html.page(part ? Templates.machines$table(list) : Templates.machines(list));
    }

    private Map<String, String> owners(Tenant tenant) {
        Map<String, String> owners = new LinkedHashMap<>();
        figures.owners(chrome.caller(), tenant.id()).forEach((id, name) -> owners.put(id.toString(), name));
        return owners;
    }

    /** One row, as it is now; nothing once the machine is gone. */
    @GET
    @Path("{id}/row")
    @Transactional
    public Response row(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Machine machine = chrome.machine(slug, id);
        if (machine.goneAt() != null) {
            return Html.nothing();
        }
        String step = figures.currentSteps(List.of(id)).getOrDefault(id, "");
        String quarantined = quarantine.of(List.of(id)).get(id);
        return Html.page(Templates.machines$row(Row.of(machine, step, quarantined, words)));
    }

    private static String text(String value) {
        return value == null ? "" : value.strip();
    }

    /** A word that is no state shows all: the URL may come from an older page. */
    private static MachineState state(String value) {
        return Arrays.stream(MachineState.values())
                .filter(one -> one.css().equals(value))
                .findFirst()
                .orElse(null);
    }

    private static LeaseState lease(String value) {
        return Arrays.stream(LeaseState.values())
                .filter(one -> one.css().equals(value))
                .findFirst()
                .orElse(null);
    }

    private static UUID uuid(String value) {
        try {
            return value.isEmpty() ? null : UUID.fromString(value);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
