package dev.berth.web;

import dev.berth.catalog.HostInventory;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.Bytes;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DeviceOffers;
import dev.berth.machines.Device;
import dev.berth.machines.DeviceState;
import dev.berth.machines.Devices;
import dev.berth.security.Caller;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The devices that a storage profile hands out whole: which there are, what has them, registering and retiring them. */
@Path("/admin/storage/{slug}/devices")
@Authenticated
public class DevicePages {
    /** A device as the table shows it. */
    public record Line(Device device) {
        public String size() {
            return device.sizeBytes() == 0 ? "" : Bytes.words(device.sizeBytes());
        }

        public String machineUrl() {
            return "/t/" + device.tenantSlug() + "/machines/" + device.machineId();
        }

        /** How far what is under way is, or empty. */
        public String progress() {
            return device.state() == DeviceState.WIPING && device.wipedPercent() > 0
                    ? device.wipedPercent() + " %"
                    : "";
        }

        /** The colour of the state's word. */
        public String css() {
            return switch (device.state()) {
                case FREE -> "host-active";
                case IN_USE -> device.reason().isEmpty() ? "host-maintenance" : "host-problem";
                case CHECKING, WIPING -> "state-provisioning";
                case REFUSED, LOST -> "host-problem";
            };
        }

        public boolean retirable() {
            return device.state() != DeviceState.IN_USE || device.gone();
        }

        public String warning() {
            return device.state() == DeviceState.IN_USE
                    ? "The device is gone from its host. The disk on it is given up: its machine can only be deleted."
                    : "It is handed out no more. What lies on it stays.";
        }
    }

    /** What the page shows. @param found what hosts have that could be registered */
    public record View(
            Profile profile, List<Line> lines, List<Host> hosts, List<HostInventory.Choice> found, Form form) {
        /** Whether its devices are LUNs rather than paths. */
        public boolean luns() {
            return profile.kind().equals("iscsi");
        }

        public String url() {
            return "/admin/storage/" + profile.slug() + "/devices";
        }

        public boolean changing() {
            return lines.stream()
                    .map(line -> line.device().state())
                    .anyMatch(state -> state == DeviceState.CHECKING || state == DeviceState.WIPING);
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance devices(View view);

        static native TemplateInstance devices$table(View view);
    }

    private final Chrome chrome;
    private final StorageProfiles profiles;
    private final Devices devices;
    private final Hosts hosts;
    private final HostInventory inventory;

    DevicePages(Chrome chrome, StorageProfiles profiles, Devices devices, Hosts hosts, HostInventory inventory) {
        this.chrome = chrome;
        this.profiles = profiles;
        this.devices = devices;
        this.hosts = hosts;
        this.inventory = inventory;
    }

    @GET
    public Response show(@PathParam("slug") String slug) {
        return page(find(slug), Form.empty());
    }

    private Response page(Profile profile, Form form) {
        List<Host> all = hosts.list();
        if (form.value("host").isEmpty() && !all.isEmpty()) {
            form.with("host", all.get(0).name());
        }
        return Html.page(form.status(), Views.devices(new View(profile, lines(profile), all, found(profile), form)));
    }

    /** What the hosts have: of the profile's own sort, or block devices. */
    private List<HostInventory.Choice> found(Profile profile) {
        if (!profiles.abilities(profile).contains(Ability.SIGNED_IN)) {
            return inventory.choices(KindField.Offer.BLOCK_DEVICES);
        }
        Map<String, String> luns = new TreeMap<>();
        profiles.checks(profile.id()).forEach(check -> luns.putAll(DeviceOffers.of(check.facts())));
        return luns.entrySet().stream()
                .map(lun -> new HostInventory.Choice(lun.getKey(), lun.getValue()))
                .toList();
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("slug") String slug) {
        Profile profile = find(slug);
        return Html.page(Views.devices$table(new View(profile, lines(profile), List.of(), List.of(), Form.empty())));
    }

    private List<Line> lines(Profile profile) {
        return devices.list(chrome.caller(), profile).stream().map(Line::new).toList();
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response register(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Profile profile = find(slug);
        try {
            Device device = devices.register(
                    chrome.caller(),
                    profile,
                    form.value("host"),
                    form.value("path").strip());
            chrome.say(Flash.done(device.path() + " is registered. Its host is looking at it; what it finds shows up"
                    + " below by itself."));
            return Html.seeOther(url(slug));
        } catch (ProblemException e) {
            return page(profile, form.refuse(e));
        }
    }

    @POST
    @Path("{device}/overwrite")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response overwrite(
            @PathParam("slug") String slug, @PathParam("device") UUID id, MultivaluedMap<String, String> sent) {
        Profile profile = find(slug);
        try {
            Device device =
                    devices.agree(chrome.caller(), profile, id, Form.of(sent).value("name"));
            chrome.say(Flash.done(device.path() + " is being wiped. It is free when nothing is left on it."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.fields().values().stream().findFirst().orElse(e.getMessage())));
        }
        return Html.seeOther(url(slug));
    }

    @POST
    @Path("{device}/retire")
    public Response retire(@PathParam("slug") String slug, @PathParam("device") UUID id) {
        Profile profile = find(slug);
        try {
            devices.retire(chrome.caller(), profile, id);
            chrome.say(Flash.done("The device is retired. What lies on it stays."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(url(slug));
    }

    private Profile find(String slug) {
        Caller caller = chrome.admin("storage");
        Profile profile = profiles.get(caller, slug);
        if (!devices.handedOut(profile)) {
            throw ProblemException.notFound("list of devices");
        }
        return profile;
    }

    private static String url(String slug) {
        return "/admin/storage/" + slug + "/devices";
    }
}
