package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.ForwardSpec.Protocol;
import dev.berth.machines.Forward;
import dev.berth.machines.Forwards;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Namespace;
import dev.berth.testing.Nft;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Open ports from the service call to a guest, and through all that may happen to its host. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class ForwardsLiveTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String OUTSIDE =
            "172.29." + ThreadLocalRandom.current().nextInt(256);
    private static final String HOST = OUTSIDE + ".1";

    /** Something that listens and that nobody opens a port for; and how many datagrams came to ports without a server. */
    private static final String SERVICES =
            """
            #!/bin/sh
            printf '#!/bin/sh\\ngrep Udp: /proc/net/snmp | tail -n 1\\n' >/run/udp
            chmod +x /run/udp
            nc -ll -p 8081 -e /run/udp >/dev/null 2>&1 &
            nc -ll -p 8082 -e /bin/hostname >/dev/null 2>&1 &
            """;

    private static String network;
    private static String table;

    @Inject
    World world;

    @Inject
    Machines machines;

    @Inject
    Forwards forwards;

    @Inject
    Hosts hosts;

    @BeforeEach
    void make() {
        world.make(WorkerProfile.DIRECTORY);
        network = "berth-" + world.tag();
        table = Nft.ofInstallation(hosts.installationId().toString());
    }

    @AfterAll
    static void takeAwayTheNetwork() {
        Nft.remove(table);
        Nft.remove(Nft.ofNetwork(network));
        Virsh.run("net-destroy", network);
        Virsh.run("net-undefine", network);
        Virsh.run("pool-destroy", network);
        Virsh.run("pool-undefine", network);
    }

    @Test
    void reachesTheGuestWhateverHappensToItAndItsHost() {
        UUID id = world.request("ports", SERVICES);
        Machine machine = world.awaitMachine(id, seen -> seen.address() != null);
        try (Namespace peer = Namespace.beside(HOST, OUTSIDE + ".2")) {
            Forward ssh = open(id, Protocol.TCP, 22);
            Forward counter = open(id, Protocol.TCP, 8081);
            assertThat(ssh.hostAddress()).isEqualTo(hosts.list().get(0).hostname());
            awaitSsh(peer, ssh);
            await().atMost(SOON).until(() -> state(id, ssh) == Forward.State.OPEN);

            assertThat(peer.ask("tcp", machine.address(), 22))
                    .as("past the host")
                    .isEqualTo("refused");
            assertThat(peer.ask("tcp", machine.address(), 8082)).isEqualTo("refused");
            assertThat(peer.ask("tcp", HOST, ssh.hostPort() + 5))
                    .as("a port nobody opened")
                    .isEqualTo("refused");

            Forward udp = open(id, Protocol.UDP, 5000);
            await().atMost(SOON).until(() -> state(id, udp) == Forward.State.OPEN);
            long before = datagrams(peer, counter);
            assertThat(peer.ask("udp", HOST, udp.hostPort()))
                    .as("by the guest, which has no server")
                    .isEqualTo("refused");
            await().atMost(SOON).until(() -> datagrams(peer, counter) == before + 1);

            machines.stop(world.alice(), id, true);
            world.await(id, MachineState.STOPPED);
            machines.start(world.alice(), id);
            world.awaitMachine(id, seen -> seen.state() == MachineState.RUNNING && seen.address() != null);
            awaitSsh(peer, ssh);

            // What a restart of the host leaves of them.
            Nft.remove(table);
            Nft.remove(Nft.ofNetwork(network));
            awaitSsh(peer, ssh);
            await().atMost(SOON).until(() -> Nft.exists(Nft.ofNetwork(network)));

            forwards.close(world.alice(), id, ssh.id());
            await().atMost(SOON)
                    .until(() -> peer.ask("tcp", HOST, ssh.hostPort()).equals("refused"));
            assertThat(world.used()).containsEntry(Resource.FORWARDS, 2L);

            Virsh.run("net-destroy", network);
            await().atMost(SOON).until(() -> Virsh.run("net-list", "--name").contains(network));
            world.delete(id);
            assertThat(Nft.table(table)).contains("table").doesNotContain(machine.address());
            assertThat(world.used()).containsEntry(Resource.FORWARDS, 0L);
            assertThat(world.drift()).isEmpty();
        }
    }

    private Forward open(UUID machine, Protocol protocol, int port) {
        return forwards.open(world.alice(), machine, new Forwards.Wish(protocol, port, null, ""));
    }

    private Forward.State state(UUID machine, Forward forward) {
        return forwards.get(world.alice(), machine, forward.id()).state();
    }

    private static void awaitSsh(Namespace peer, Forward ssh) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(100)).until(() -> peer.ask("tcp", HOST, ssh.hostPort())
                .startsWith("SSH-2.0-dropbear"));
    }

    /** How many datagrams the guest got for ports without a server (RFC 1213, udpNoPorts). */
    private static long datagrams(Namespace peer, Forward counter) {
        Matcher line = Pattern.compile("Udp: \\d+ (\\d+) .*").matcher(peer.ask("tcp", HOST, counter.hostPort()));
        assertThat(line.matches()).isTrue();
        return Long.parseLong(line.group(1));
    }
}
