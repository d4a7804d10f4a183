package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.network.CardXml;
import dev.berth.machines.Cards;
import dev.berth.machines.Machine;
import dev.berth.machines.Nic;
import dev.berth.machines.Seen;
import dev.berth.tenancy.Quotas;
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
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** A machine's network cards: what they are, and adding and removing them. */
@Path("/t/{tenant}/machines/{id}/network")
@Authenticated
public class NicPages {
    /** What has to be typed in the guest for a card that nobody was seen to use. */
    public record Guide(Nic nic, List<String> lines) {}

    /** What the page shows. */
    public record View(Machine machine, List<Nic> nics, List<Profile> offered, List<QuotaBar> quota, Form form) {
        public String url() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id() + "/network";
        }

        public boolean changeable() {
            return machine.canDelete();
        }

        public boolean changing() {
            return nics.stream().anyMatch(nic -> nic.state() == Nic.State.ADDING || nic.state() == Nic.State.REMOVING);
        }

        public int mostCards() {
            return CardXml.MOST_CARDS;
        }

        public String removeUrl(Nic nic) {
            return url() + '/' + nic.id() + "/remove";
        }

        public String nameOf(Nic nic) {
            return nic.network().name() + ' ' + nic.mac();
        }

        /** What goes with the card. */
        public String warning(Nic nic) {
            String ports = nic.forwards() == 0
                    ? ""
                    : nic.forwards() == 1
                            ? "The forwarded port that leads to it is closed. "
                            : "The " + nic.forwards() + " forwarded ports that lead to it are closed. ";
            String last = nics.size() == 1 ? "It is the machine's last card: nobody reaches it without. " : "";
            return last + ports + "The guest has to let go of it. Its MAC address"
                    + (nic.address() == null ? " is" : " and " + nic.address() + " are") + " given back.";
        }

        /** For cards of a running machine on which no address was seen. */
        public List<Guide> guides() {
            return machine.seen() != Seen.RUNNING
                    ? List.of()
                    : nics.stream()
                            .filter(nic -> nic.state() == Nic.State.PRESENT && nic.seenAddress() == null)
                            .map(nic -> new Guide(nic, lines(nic)))
                            .toList();
        }

        private List<String> lines(Nic nic) {
            List<String> lines = new ArrayList<>(List.of(
                    "card=$(grep -l " + nic.mac() + " /sys/class/net/*/address | cut -d/ -f5)",
                    "ip link set \"$card\" up"));
            if (nic.guest().dhcp()) {
                lines.add("dhclient \"$card\"");
                return lines;
            }
            lines.add("ip addr add " + nic.guest().cidr() + " dev \"$card\"");
            if (nic.guest().gateway() != null && nic.position() == nics.get(0).position()) {
                lines.add("ip route replace default via " + nic.guest().gateway());
            }
            return lines;
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance machineNetwork(View view);

        static native TemplateInstance machineNetwork$cards(View view);
    }

    private final Chrome chrome;
    private final Cards cards;
    private final Quotas quotas;

    NicPages(Chrome chrome, Cards cards, Quotas quotas) {
        this.chrome = chrome;
        this.cards = cards;
        this.quotas = quotas;
    }

    @GET
    public Response show(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return page(chrome.machine(slug, id), Form.empty());
    }

    private Response page(Machine machine, Form form) {
        List<Profile> offered = cards.offered(chrome.caller(), machine.id());
        if (form.value("network").isEmpty() && !offered.isEmpty()) {
            form.with("network", offered.get(0).slug());
        }
        if (form.value("card").isEmpty()) {
            form.with("card", UUID.randomUUID());
        }
        List<Nic> nics = cards.list(chrome.caller(), machine.id());
        return Html.page(
                form.status(), Views.machineNetwork(new View(machine, nics, offered, quota(machine, offered), form)));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Machine machine = chrome.machine(slug, id);
        List<Nic> nics = cards.list(chrome.caller(), id);
        return Html.page(Views.machineNetwork$cards(new View(machine, nics, List.of(), List.of(), Form.empty())));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response add(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Machine machine = chrome.machine(slug, id);
        try {
            Nic nic = cards.add(chrome.caller(), id, form.value("network"), cardId(form));
            chrome.say(Flash.done("A card on " + nic.network().name() + " is being added, " + nic.mac() + "."));
            return Html.seeOther(url(slug, id));
        } catch (ProblemException e) {
            return page(machine, form.refuse(e));
        }
    }

    @POST
    @Path("{nic}/remove")
    public Response remove(@PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("nic") UUID nicId) {
        chrome.machine(slug, id);
        try {
            Nic nic = cards.remove(chrome.caller(), id, nicId);
            chrome.say(Flash.done("The card " + nic.mac() + " is being removed."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(url(slug, id));
    }

    /** Networks of which the team may have only so many addresses. */
    private List<QuotaBar> quota(Machine machine, List<Profile> offered) {
        Set<UUID> ids = offered.stream().map(Profile::id).collect(Collectors.toSet());
        return QuotaBar.ofUses(quotas.usage(machine.tenantId()).stream()
                .filter(use -> ids.contains(use.line().profileId()))
                .toList());
    }

    /** Made when the form was shown, so that a form sent twice adds one card. */
    private static UUID cardId(Form form) {
        try {
            return UUID.fromString(form.value("card"));
        } catch (IllegalArgumentException e) {
            return UUID.randomUUID();
        }
    }

    private static String url(String slug, UUID id) {
        return "/t/" + slug + "/machines/" + id + "/network";
    }
}
