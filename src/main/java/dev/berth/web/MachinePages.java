package dev.berth.web;

import dev.berth.machines.Cards;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.Leases;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineFigures;
import dev.berth.machines.Machines;
import dev.berth.machines.Nic;
import dev.berth.machines.TimelineEntry;
import dev.berth.provisioning.Jobs;
import dev.berth.provisioning.Place;
import dev.berth.requests.ExtensionRequests;
import dev.berth.requests.Request;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One machine: overview, console, timeline, and the pages that make sure before something is lost. What is looked at
 * most reads in one transaction: it is quicker, and its parts fit together.
 */
@Path("/t/{tenant}/machines/{id}")
@Authenticated
public class MachinePages {
    /** One run of an operation on the timeline. */
    public record Run(String title, Instant startedAt, List<TimelineEntry> steps, boolean live) {}

    /**
     * What the page shows of a machine.
     *
     * @param estimate how long what is under way usually takes, or empty
     * @param queue where it stands in its host's queue, as a sentence; empty when it does not wait for a worker
     * @param terms the hours that this caller may set the lease to
     * @param asked the open request for a longer lease
     */
    public record View(
            Machine machine,
            List<Disk> disks,
            List<Nic> nics,
            List<Run> runs,
            String estimate,
            String queue,
            Leases.Terms terms,
            Optional<Request> asked) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id();
        }

        public List<Disk> dataDisks() {
            return disks.stream().filter(disk -> !disk.system()).toList();
        }

        public boolean hasSystemDisk() {
            return disks.stream().anyMatch(Disk::system);
        }

        /** How many ports lead to it. */
        public int openPorts() {
            return (int) nics.stream().mapToLong(Nic::forwards).sum();
        }

        public long dataGib() {
            return dataDisks().stream().mapToLong(Disk::sizeGib).sum();
        }
    }

    /** The lease lengths on offer, in hours. */
    private static final List<Integer> LEASES = List.of(8, 24, 72, 168, 336, 720, 2_160);

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance machine(View view, List<Integer> leases, Form form);

        static native TemplateInstance machine$now(View view, List<Integer> leases, Form form);

        static native TemplateInstance machineDelete(View view, Form form);

        static native TemplateInstance machineConfirm(View view, String verb, String title, String warning);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final Cards cards;
    private final Disks disks;
    private final MachineFigures figures;
    private final Leases leases;
    private final ExtensionRequests extensions;
    private final Jobs jobs;

    MachinePages(
            Chrome chrome,
            Machines machines,
            Cards cards,
            Disks disks,
            MachineFigures figures,
            Leases leases,
            ExtensionRequests extensions,
            Jobs jobs) {
        this.chrome = chrome;
        this.machines = machines;
        this.cards = cards;
        this.disks = disks;
        this.figures = figures;
        this.leases = leases;
        this.extensions = extensions;
        this.jobs = jobs;
    }

    @GET
    @Transactional
    public Response machine(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return page(slug, id, Form.empty());
    }

    Response page(String slug, UUID id, Form form) {
        View view = view(slug, id);
        return Html.page(form.status(), Views.machine(view, leases(view), form));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    @Transactional
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        View view = view(slug, id);
        return Html.page(Views.machine$now(view, leases(view), Form.empty()));
    }

    @GET
    @Path("delete")
    public Response delete(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return deletePage(slug, id, Form.empty());
    }

    Response deletePage(String slug, UUID id, Form form) {
        return Html.page(form.status(), Views.machineDelete(view(slug, id), form));
    }

    @GET
    @Path("reset")
    public Response reset(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return Html.page(Views.machineConfirm(
                view(slug, id),
                "reset",
                "Reset",
                "Resetting is like pressing the reset button: the guest is not asked, and what it has not written to"
                        + " its disk is lost. Try a reboot first."));
    }

    @GET
    @Path("force-stop")
    public Response forceStop(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return Html.page(Views.machineConfirm(
                view(slug, id),
                "force-stop",
                "Force stop",
                "This is like pulling the plug: the guest is not asked, and what it has not written to its disk is"
                        + " lost."));
    }

    private View view(String slug, UUID id) {
        Machine machine = chrome.machine(slug, id);
        String estimate = machine.state().changing()
                ? figures.typical(machine.operation()).map(MachinePages::words).orElse("")
                : "";
        return new View(
                machine,
                disks.list(chrome.caller(), id),
                cards.list(chrome.caller(), id),
                runs(machine, machines.timeline(chrome.caller(), id)),
                estimate,
                machine.state().changing()
                        ? jobs.place(machine).map(MachinePages::words).orElse("")
                        : "",
                leases.terms(chrome.caller(), machine.tenantId(), machine.revisionId()),
                extensions.open(chrome.caller(), id));
    }

    private static List<Integer> leases(View view) {
        return Stream.concat(LEASES.stream(), Stream.of(view.terms().usual()))
                .filter(hours -> hours > 0 && hours <= view.terms().longest())
                .distinct()
                .sorted()
                .toList();
    }

    private static List<Run> runs(Machine machine, List<TimelineEntry> entries) {
        Map<Long, List<TimelineEntry>> byRun = new LinkedHashMap<>();
        entries.forEach(entry -> byRun.computeIfAbsent(entry.generation(), run -> new ArrayList<>())
                .add(entry));
        List<Run> runs = new ArrayList<>();
        for (List<TimelineEntry> steps : byRun.values()) {
            TimelineEntry first = steps.get(0);
            boolean live = runs.isEmpty() && machine.state().changing();
            runs.add(new Run(first.operation().label(), first.startedAt(), List.copyOf(steps), live));
        }
        return runs;
    }

    /** {@code Waiting in the queue of host local: 3rd of 7, about 40 s.} */
    static String words(Place place) {
        return "Waiting in the queue of host " + place.hostName() + ": " + Words.ordinal(place.position()) + " of "
                + place.waiting()
                + place.start().map(start -> ", about " + words(start)).orElse("") + ".";
    }

    private static String words(Duration typical) {
        long seconds = Math.max(1, typical.toSeconds());
        return seconds < 90 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }
}
