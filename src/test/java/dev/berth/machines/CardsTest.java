package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.NetworkProfileChanged;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.hypervisor.network.CardXml;
import dev.berth.security.Caller;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.SettableClock;
import dev.berth.testing.TinyNetwork;
import dev.berth.testing.TinyProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** MAC and IP addresses are given once, run out with a sentence, and rest; cards are asked for by API. */
@QuarkusTest
@TestProfile(TinyProfile.class)
@QuarkusTestResource(PostgresResource.class)
class CardsTest {
    private static final Caller BERTH = Caller.system("test");
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final int UNLIMITED = Integer.MAX_VALUE;

    @Inject
    Portal portal;

    @Inject
    NetworkProfiles networks;

    @Inject
    Templates templates;

    @Inject
    Machines machines;

    @Inject
    MachineStatus status;

    @Inject
    SettableClock clock;

    @Inject
    Event<NetworkProfileChanged> changed;

    @Inject
    EntityManager em;

    private String tenant;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(100);
    }

    @AfterEach
    void now() {
        clock.ahead(Duration.ZERO);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void fiftyAtOnceGetFiftyAddresses() {
        List<Response> answers = Parallel.run(50, i -> request("nat", "m" + i));

        assertThat(answers).allMatch(answer -> answer.statusCode() == 201);
        List<Map<String, String>> given = macs("nat").stream()
                .filter(mac -> mac.get("tenant").equals(tenant))
                .toList();
        assertThat(given).hasSize(50);
        assertThat(given).extracting(mac -> mac.get("mac")).doesNotHaveDuplicates();
        assertThat(given).extracting(mac -> mac.get("address")).doesNotHaveDuplicates();
        assertThat(given).allMatch(mac -> mac.get("mac").startsWith("52:54:00:"));
    }

    @Test
    void noAddressLeftIsSaidBeforeAnythingIsMade() {
        String network = "n" + COUNTER.incrementAndGet();
        networks.create(
                BERTH,
                network,
                "Two",
                "",
                "nat",
                Map.of("cidr", "10.250.0.0/29", "rangeStart", "10.250.0.2", "rangeEnd", "10.250.0.3"));
        offer(network);
        assertThat(request(network, "one").statusCode()).isEqualTo(201);
        assertThat(request(network, "two").statusCode()).isEqualTo(201);

        refusedAndNothingMade(network, "addresses-exhausted", "no free address left");
    }

    @Test
    void noMacLeftIsSaidBeforeAnythingIsMade() {
        String network = tiny(0x525400A00000L, 3, UNLIMITED);
        for (int i = 0; i < 3; i++) {
            assertThat(request(network, "m" + i).statusCode()).isEqualTo(201);
        }
        assertThat(macs(network))
                .extracting(mac -> mac.get("mac"))
                .containsExactly("52:54:00:a0:00:00", "52:54:00:a0:00:01", "52:54:00:a0:00:02");

        refusedAndNothingMade(network, "macs-exhausted", "no free MAC address left");
    }

    private void refusedAndNothingMade(String network, String code, String sentence) {
        var before = portal.used(tenant);
        Map<String, Object> large = largeAsk("large");
        large.put("template", network);
        large.put("network", network);
        for (Response refused : List.of(request(network, "late"), send(large))) {
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.<String>path("code")).isEqualTo(code);
            assertThat(refused.<String>path("detail")).contains(network, sentence);
        }
        assertThat(portal.used(tenant)).isEqualTo(before);
        assertThat(as(tenant + "-user")
                        .get("/api/v1/tenants/{tenant}/requests", tenant)
                        .<List<String>>path("items.name"))
                .doesNotContain("late", "large");
    }

    @Test
    void rangesThatOverlapShareTheirAddresses() {
        List<String> both = List.of(tiny(0x525400B00000L, 8, UNLIMITED), tiny(0x525400B00000L, 8, UNLIMITED));
        List<Response> answers = Parallel.run(12, i -> request(both.get(i % 2), "m" + i));

        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() == 201)
                .as("one for each address")
                .hasSize(8);
        assertThat(answers).filteredOn(answer -> answer.statusCode() != 201).allSatisfy(refused -> assertThat(
                        refused.<String>path("code"))
                .as(refused.asString())
                .isEqualTo("macs-exhausted"));
    }

    @Test
    void aMacRestsBeforeAnotherCardGetsIt() {
        String network = tiny(0x525400C00000L, 1, UNLIMITED);
        UUID first = UUID.fromString(request(network, "first").path("machineId"));
        machines.delete(BERTH, first);
        assertThat(request(network, "too-soon").<String>path("code"))
                .as("still in use")
                .isEqualTo("macs-exhausted");
        status.gone(status.task(first).orElseThrow());
        assertThat(macs(network)).allMatch(mac -> mac.get("releasedAt") != null);
        assertThat(request(network, "too-soon").<String>path("code"))
                .as("resting")
                .isEqualTo("macs-exhausted");

        clock.ahead(Duration.ofDays(7).plusSeconds(1));
        assertThat(request(network, "rested").statusCode()).isEqualTo(201);
        assertThat(macs(network)).singleElement().satisfies(mac -> assertThat(mac)
                .containsEntry("mac", "52:54:00:c0:00:00")
                .containsEntry("machine", "rested")
                .containsEntry("releasedAt", null));
    }

    @Test
    void aHostThatIsFullOrCannotIsPassedOver() {
        String network = tiny(0x525400D00000L, 8, 1);
        String machine = request(network, "takes-it").path("machineId");
        Response full = request(network, "no-place");
        assertThat(full.statusCode()).isEqualTo(503);
        assertThat(full.<String>path("code")).isEqualTo("no-network-host");
        assertThat(full.<String>path("detail")).contains("as many cards on " + network + " as it can have (1)");
        Response second = addCard(machine, network);
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.<String>path("detail")).contains("The machine's host, paper, has as many cards on");

        String checked = tiny(0x525400D10000L, 8, UNLIMITED);
        QuarkusTransaction.requiringNew().run(() -> em.createNativeQuery(
                        """
                                insert into profile_check (profile_id, host_id, host_name, problems, checked_at)
                                select p.id, h.id, h.name, '["There is no such bridge."]', now()
                                  from network_profile p, host h where p.slug = :slug""")
                .setParameter("slug", checked)
                .executeUpdate());
        Response cannot = request(checked, "no-bridge");
        assertThat(cannot.statusCode()).isEqualTo(503);
        assertThat(cannot.<String>path("detail")).contains("can't offer " + checked);
    }

    @Test
    void cardsComeAndGoByApi() {
        String machine = request("nat", "cards").path("machineId");
        Response added = addCard(machine, "nat");
        assertThat(added.statusCode()).isEqualTo(202);
        assertThat(added.<String>path("state")).isEqualTo("adding");
        assertThat(added.<Integer>path("position")).isEqualTo(1);
        String card = added.path("id");

        for (int i = 2; i < CardXml.MOST_CARDS; i++) {
            assertThat(addCard(machine, "nat").<Integer>path("position")).isEqualTo(i);
        }
        assertThat(addCard(machine, "nat").<String>path("code")).isEqualTo("too-many-cards");
        assertThat(addCard(machine, "no-such").<List<String>>path("errors.field"))
                .containsExactly("network");

        for (int i = 0; i < 2; i++) {
            Response removed = as(tenant + "-user").delete("/api/v1/machines/{id}/nics/{nic}", machine, card);
            assertThat(removed.statusCode()).isEqualTo(202);
            assertThat(removed.<String>path("state")).isEqualTo("removing");
        }
        assertThat(addCard(machine, "nat").<String>path("code"))
                .as("its place on the bus is taken until it is gone")
                .isEqualTo("too-many-cards");
        assertThat(as("carol")
                        .delete("/api/v1/machines/{id}/nics/{nic}", machine, card)
                        .statusCode())
                .isEqualTo(404);
        assertThat(as("carol").get("/api/v1/machines/{id}/nics", machine).statusCode())
                .isEqualTo(404);
        assertThat(as("admin")
                        .get("/api/v1/audit?action=machine.remove-card&subject={id}", machine)
                        .<List<String>>path("items.action"))
                .hasSize(1);
    }

    @Test
    void aFormSentTwiceAddsOneCard() {
        UUID machine = UUID.fromString(request("nat", "twice").path("machineId"));
        UUID card = UUID.randomUUID();
        List<UUID> ids =
                Parallel.run(4, i -> cards.add(BERTH, machine, "nat", card).id());
        assertThat(ids).containsOnly(card);
        assertThat(cards.list(BERTH, machine)).hasSize(2);
    }

    @Inject
    Cards cards;

    @Test
    void newSettingsReachEveryMachineOfTheNetwork() {
        String network = tiny(0x525400E00000L, 8, UNLIMITED);
        List<UUID> ids = IntStream.range(0, 3)
                .mapToObj(i -> UUID.fromString(request(network, "s" + i).path("machineId")))
                .toList();
        UUID other = UUID.fromString(request("nat", "other").path("machineId"));
        List<Long> before = new ArrayList<>(ids.stream().map(status::generation).toList());
        long othersBefore = status.generation(other);

        QuarkusTransaction.requiringNew()
                .run(() -> changed.fire(
                        new NetworkProfileChanged(networks.get(BERTH, network).id())));

        assertThat(ids).allSatisfy(id -> {
            assertThat(status.generation(id)).isEqualTo(before.get(ids.indexOf(id)) + 1);
            assertThat(cards.list(BERTH, id)).allMatch(nic -> nic.state() == Nic.State.ADDING);
            assertThat(status.unsettledHost(id)).contains("paper");
        });
        assertThat(status.generation(other)).isEqualTo(othersBefore);
        assertThat(cards.list(BERTH, other)).allMatch(nic -> nic.state() == Nic.State.PRESENT);
    }

    @Test
    void theNetworkTeamGetsAFile() {
        String network = tiny(0x525400F00000L, 8, UNLIMITED);
        request(network, "in-file");
        String file = as("admin")
                .get("/api/v1/network-profiles/{slug}/macs.csv", network)
                .asString();
        assertThat(file.lines())
                .hasSize(2)
                .first()
                .isEqualTo(
                        "\"mac\",\"address\",\"vm\",\"tenant\",\"owner\",\"profile\",\"kind\",\"given\",\"released\"");
        assertThat(file).contains("\"52:54:00:f0:00:00\",\"\",\"in-file\",\"" + tenant + "\",\"" + tenant + "-user\"");
        assertThat(as("admin").get("/api/v1/mac-addresses.csv").asString()).contains("52:54:00:f0:00:00");
        for (String path : List.of(
                "/api/v1/mac-addresses", "/api/v1/mac-addresses.csv", "/api/v1/network-profiles/nat/macs.csv")) {
            assertThat(as("alice").get(path).statusCode()).as(path).isEqualTo(403);
        }
        assertThat(as("admin").get("/api/v1/network-profiles/no-such/macs.csv").statusCode())
                .isEqualTo(404);
    }

    /** A network that runs out soon, and a template of the same name that offers it. */
    private String tiny(long firstMac, int macs, int cardsPerHost) {
        String network = "n" + COUNTER.incrementAndGet();
        networks.create(BERTH, network, "Tiny", "", "tiny", TinyNetwork.settings(firstMac, macs, cardsPerHost));
        offer(network);
        return network;
    }

    private void offer(String network) {
        templates.create(BERTH, network, "Offers " + network, "", new dev.berth.catalog.Policy(1, 512, 5, 48, 720));
        templates.revise(
                BERTH,
                network,
                new Templates.RevisionDraft(
                        "linux", List.of("tiny", "medium"), List.of(network), List.of("qcow2"), ""));
        templates.setState(BERTH, network, 1, RevisionState.APPROVED);
    }

    private Response request(String network, String name) {
        Map<String, Object> ask = ask(name);
        ask.put("network", network);
        if (!network.equals("nat")) {
            ask.put("template", network);
        }
        return send(ask);
    }

    private Response send(Map<String, Object> ask) {
        return as(tenant + "-user").body(ask).post("/api/v1/tenants/{tenant}/requests", tenant);
    }

    private Response addCard(String machine, String network) {
        return as(tenant + "-user").body(Map.of("network", network)).post("/api/v1/machines/{id}/nics", machine);
    }

    private static List<Map<String, String>> macs(String network) {
        return as("admin")
                .get("/api/v1/mac-addresses?limit=200&network={network}", network)
                .path("items");
    }
}
