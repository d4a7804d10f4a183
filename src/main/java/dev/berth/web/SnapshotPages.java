package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Snapshot;
import dev.berth.machines.Snapshots;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Request;
import dev.berth.requests.RequestState;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.SshKey;
import dev.berth.tenancy.SshKeys;
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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A machine's snapshots: taking, reverting to, deleting and cloning them. */
@Path("/t/{tenant}/machines/{id}/snapshots")
@Authenticated
public class SnapshotPages {
    private static final int USUAL_LEASE_HOURS = 24;

    /** What the page shows. */
    public record View(
            Machine machine, List<Snapshot> snapshots, Snapshots.Offer offer, List<QuotaBar> quota, Form form) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/snapshots";
        }

        public boolean changing() {
            return snapshots.stream().anyMatch(snapshot -> snapshot.state().changing());
        }

        /** Whether reverting, deleting and cloning can be asked for. */
        public boolean atRest() {
            return on() || machine.state() == MachineState.STOPPED;
        }

        private boolean on() {
            return machine.state() == MachineState.RUNNING || machine.state() == MachineState.PAUSED;
        }

        public boolean failed(Snapshot snapshot) {
            return snapshot.state() == Snapshot.State.FAILED;
        }

        public String revertUrl(Snapshot snapshot) {
            return url() + '/' + snapshot.id() + "/revert";
        }

        public String deleteUrl(Snapshot snapshot) {
            return url() + '/' + snapshot.id() + "/delete";
        }

        public String cloneUrl(Snapshot snapshot) {
            return url() + '/' + snapshot.id() + "/clone";
        }

        public String revertLabel() {
            return on() ? "Power off and revert" : "Revert";
        }

        /** What is lost. */
        public String revertWarning() {
            return (on() ? "The machine is powered off without asking the guest, and started again afterwards. " : "")
                    + "Everything that was written since the snapshot is lost. The snapshot stays.";
        }

        public String size(Snapshot snapshot) {
            return Words.bytes(snapshot.sizeBytes());
        }
    }

    /** What the form for a clone shows. */
    public record CloneView(
            Machine machine,
            Snapshot snapshot,
            MachineRequests.CloneOffer offer,
            List<SshKey> keys,
            List<QuotaBar> quota,
            Form form) {
        public String back() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/snapshots";
        }

        public String url() {
            return back() + '/' + snapshot.id() + "/clone";
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance machineSnapshots(View view);

        static native TemplateInstance machineSnapshots$now(View view);

        static native TemplateInstance snapshotClone(CloneView view);
    }

    private final Chrome chrome;
    private final Snapshots snapshots;
    private final MachineRequests requests;
    private final SshKeys keys;
    private final Quotas quotas;

    SnapshotPages(Chrome chrome, Snapshots snapshots, MachineRequests requests, SshKeys keys, Quotas quotas) {
        this.chrome = chrome;
        this.snapshots = snapshots;
        this.requests = requests;
        this.keys = keys;
        this.quotas = quotas;
    }

    @GET
    public Response show(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return page(chrome.machine(slug, id), Form.empty());
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return Html.page(Views.machineSnapshots$now(view(chrome.machine(slug, id), Form.empty())));
    }

    private Response page(Machine machine, Form form) {
        if (form.value("snapshot").isEmpty()) {
            form.with("snapshot", UUID.randomUUID());
        }
        return Html.page(form.status(), Views.machineSnapshots(view(machine, form)));
    }

    private View view(Machine machine, Form form) {
        return new View(
                machine,
                snapshots.list(chrome.caller(), machine.id()),
                snapshots.offer(chrome.caller(), machine.id()),
                quotas.standing(machine.tenantId(), chrome.caller().userId()).stream()
                        .filter(use -> use.resource() == Resource.SNAPSHOTS)
                        .map(QuotaBar::of)
                        .toList(),
                form);
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response take(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        try {
            Snapshot snapshot = snapshots.take(chrome.caller(), id, form.value("name"), given(form, "snapshot"));
            chrome.say(Flash.done("The snapshot " + snapshot.name() + " is being taken."));
            return Html.seeOther(url(slug, id));
        } catch (ProblemException e) {
            return page(machine, form.refuse(e));
        }
    }

    @POST
    @Path("{snapshot}/revert")
    public Response revert(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot) {
        return act(
                slug,
                id,
                () -> "The machine is being reverted to "
                        + snapshots.revert(chrome.caller(), id, snapshot, true).name() + ".");
    }

    @POST
    @Path("{snapshot}/delete")
    public Response delete(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot) {
        return act(
                slug,
                id,
                () -> "The snapshot "
                        + snapshots.delete(chrome.caller(), id, snapshot).name() + " is being deleted.");
    }

    private Response act(String slug, UUID id, java.util.function.Supplier<String> deed) {
        chrome.machine(slug, id);
        try {
            chrome.say(Flash.done(deed.get()));
        } catch (ProblemException e) {
            if (e.kind() == ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(url(slug, id));
    }

    @GET
    @Path("{snapshot}/clone")
    public Response cloneForm(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot) {
        Machine machine = chrome.machine(slug, id);
        List<SshKey> mine = keys.list(chrome.caller());
        Form form = Form.empty()
                .with("formToken", UUID.randomUUID())
                .with("name", "")
                .withAll("key", mine.stream().map(key -> key.id().toString()).toList());
        MachineRequests.CloneOffer offer;
        try {
            offer = requests.cloneOffer(chrome.caller(), id, snapshot);
        } catch (ProblemException e) {
            if (e.kind() == ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
            chrome.say(Flash.failed(e.getMessage()));
            return Html.seeOther(url(slug, id));
        }
        form.with("leaseHours", Math.min(USUAL_LEASE_HOURS, offer.freeLeaseHours()));
        return Html.page(Views.snapshotClone(new CloneView(
                machine, snapshots.get(chrome.caller(), id, snapshot), offer, mine, standing(machine), form)));
    }

    /** What the clone will count in. */
    private List<QuotaBar> standing(Machine machine) {
        return QuotaBar.ofUses(
                quotas.standing(machine.tenantId(), chrome.caller().userId()).stream()
                        .filter(use -> use.resource() != Resource.SNAPSHOTS && use.resource() != Resource.FORWARDS)
                        .toList());
    }

    @POST
    @Path("{snapshot}/clone")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response cloneMachine(
            @PathParam("tenant") String slug,
            @PathParam("id") UUID id,
            @PathParam("snapshot") UUID snapshot,
            MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        List<SshKey> mine = keys.list(chrome.caller());
        try {
            Request request =
                    requests.createClone(chrome.caller(), id, snapshot, ask(form, mine), given(form, "formToken"));
            if (request.state() == RequestState.APPROVED) {
                chrome.say(Flash.done("Your request was approved by itself. " + request.name() + " is being cloned."));
                return Html.seeOther("/t/" + slug + "/machines/" + request.machineId());
            }
            chrome.say(Flash.done("Your request was sent. It waits for an admin's yes."));
            return Html.seeOther("/t/" + slug + "/requests/" + request.id());
        } catch (ProblemException e) {
            if (e.kind() == ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
            form.refuse(e);
            return Html.page(
                    form.status(),
                    Views.snapshotClone(new CloneView(
                            machine,
                            snapshots.get(chrome.caller(), id, snapshot),
                            requests.cloneOffer(chrome.caller(), id, snapshot),
                            mine,
                            standing(machine),
                            form)));
        }
    }

    private static Ask ask(Form form, List<SshKey> mine) {
        List<String> lines = new ArrayList<>(mine.stream()
                .filter(key -> form.has("key", key.id().toString()))
                .map(SshKey::publicKey)
                .toList());
        form.value("sshKeys").lines().filter(line -> !line.isBlank()).forEach(lines::add);
        return new Ask(
                "",
                form.value("size"),
                form.value("name").strip(),
                form.value("network"),
                form.value("storage"),
                lines,
                "",
                form.integer("leaseHours"),
                form.value("reason"));
    }

    /** Made when the form was shown, so that a form sent twice does what it says once. */
    private static UUID given(Form form, String field) {
        try {
            return UUID.fromString(form.value(field));
        } catch (IllegalArgumentException e) {
            return UUID.randomUUID();
        }
    }

    private static String url(String slug, UUID id) {
        return "/t/" + slug + "/machines/" + id + "/snapshots";
    }
}
