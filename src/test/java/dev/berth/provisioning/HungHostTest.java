package dev.berth.provisioning;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.fleet.Host;
import dev.berth.fleet.HostState;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.security.Users;
import dev.berth.testing.Nft;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.SecondLibvirtd;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One worker with two hosts: this machine's libvirt, and a second one that is reached by TLS with certificates and then
 * stopped with SIGSTOP while there is work for both.
 */
@QuarkusTest
@TestProfile(HungHostTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
@QuarkusTestResource(value = SecondLibvirtd.class, restrictToAnnotatedClass = true)
@Tag("hypervisor")
class HungHostTest {
    /** More jobs than the worker has threads for a host. */
    private static final int JOBS = 6;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Caller BERTH = Caller.system("test");

    /** As others, but a program of its own. */
    public static class Profile extends WorkerProfile {}

    @Inject
    World world;

    @Inject
    Hosts hosts;

    @Inject
    NetworkProfiles networks;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @Inject
    Machines machines;

    @Inject
    Users users;

    private String there;
    private UUID networkId;

    @AfterEach
    void takeAway() {
        SecondLibvirtd.thaw();
        if (there != null) {
            SecondLibvirtd.virsh("net-destroy", "berth-" + there);
            Nft.remove("berth_net_" + networkId.toString().substring(0, 8));
        }
        world.takeAway();
    }

    @Test
    void holdsUpNobodyElse() {
        world.make(WorkerProfile.DIRECTORY);
        await().atMost(PATIENCE)
                .until(() -> hosts.list().stream().filter(Host::takesMachines).count() == 2);
        makeTemplateForTheSecond();
        String admin = "root-" + world.tag();
        users.create(admin, "Root", true, "berth");

        placeOn(SecondLibvirtd.NAME);
        UUID stopped = request("by-tls");
        assertThat(world.await(stopped, MachineState.RUNNING).hostName()).isEqualTo(SecondLibvirtd.NAME);

        SecondLibvirtd.freeze();
        machines.stop(world.alice(), stopped, true);
        List<UUID> waiting = Stream.iterate(0, number -> number + 1)
                .limit(JOBS)
                .map(number -> request("waits-" + number))
                .toList();
        placeOn("local");
        UUID here = world.request("here");
        pagesAnswer(admin, stopped);
        assertThat(world.await(here, MachineState.RUNNING).hostName()).isEqualTo("local");
        world.delete(here);

        await().atMost(PATIENCE)
                .until(() -> !host(SecondLibvirtd.NAME).problem().isEmpty());
        assertThat(host("local").problem()).isEmpty();
        given().auth()
                .preemptive()
                .basic(admin, "berth")
                .get("/api/v1/hosts")
                .then()
                .statusCode(200)
                .body("items.find { it.name == 'second' }.problem", containsString("second"));
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.find { it.name == 'libvirt' }.data.local", equalTo("connected"))
                .body("checks.find { it.name == 'libvirt' }.data.second", containsString("second"));
        pagesAnswer(admin, stopped);
        assertThat(world.machine(stopped).state()).isNotEqualTo(MachineState.STOPPED);
        assertThat(waiting).allSatisfy(id -> assertThat(world.machine(id).state())
                .as("it waits")
                .isNotIn(MachineState.RUNNING, MachineState.FAILED));
        waiting.forEach(id -> machines.delete(world.alice(), id));

        SecondLibvirtd.thaw();
        await().atMost(PATIENCE).until(() -> host(SecondLibvirtd.NAME).problem().isEmpty());
        Machine carriedOn = world.await(stopped, MachineState.STOPPED);
        assertThat(carriedOn.failure()).isEmpty();
        waiting.forEach(id -> world.await(id, MachineState.GONE));
        world.delete(stopped);
        assertThat(world.used().values()).containsOnly(0L);
        assertThat(world.drift()).isEmpty();
    }

    /** Both are on this machine, where two networks can't share a bridge. */
    private void makeTemplateForTheSecond() {
        there = world.tag() + "-b";
        String subnet =
                "10." + (200 + Math.floorMod(there.hashCode(), 50)) + "." + Math.floorMod(there.hashCode(), 251);
        networkId = networks.create(
                        BERTH,
                        there,
                        "Second",
                        "",
                        "nat",
                        Map.of(
                                "cidr", subnet + ".0/24",
                                "rangeStart", subnet + ".10",
                                "rangeEnd", subnet + ".99"))
                .id();
        templates.create(BERTH, there, "Second", "", new Policy(2, 1_024, 10, 48, 720));
        templates.revise(
                BERTH,
                there,
                new Templates.RevisionDraft(
                        world.tag(), List.of(world.tag()), List.of(there), List.of(world.tag()), ""));
        templates.setState(BERTH, there, 1, RevisionState.APPROVED);
    }

    private void placeOn(String name) {
        hosts.list()
                .forEach(host -> hosts.setState(
                        BERTH, host.id(), host.name().equals(name) ? HostState.ACTIVE : HostState.DRAINING));
    }

    private UUID request(String name) {
        Ask ask = new Ask(there, world.tag(), name, there, world.tag(), List.of(), "", 24, "test");
        return requests.create(world.alice(), world.tag(), ask, null).machineId();
    }

    private Host host(String name) {
        return hosts.list().stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void pagesAnswer(String admin, UUID machine) {
        String tenant = "/t/" + world.tag();
        String alice = session("alice-" + world.tag());
        for (String path : List.of(tenant, tenant + "/machines", tenant + "/machines/" + machine)) {
            given().cookie("berth-session", alice).get(path).then().statusCode(200);
        }
        String root = session(admin);
        for (String path : List.of("/admin/hosts", "/admin/jobs")) {
            given().cookie("berth-session", root).get(path).then().statusCode(200);
        }
    }

    private static String session(String user) {
        return given().redirects()
                .follow(false)
                .formParam("username", user)
                .formParam("password", "berth")
                .post("/login")
                .cookie("berth-session");
    }
}
