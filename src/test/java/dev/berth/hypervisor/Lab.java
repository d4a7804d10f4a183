package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * An outer network for tests: bridges, and peers that each live in a network namespace of their own behind a pair of
 * virtual Ethernet devices. Names are of this lab alone; closing it removes all of it. Needs root.
 */
public final class Lab implements AutoCloseable {
    private static final String DATA_PATH = System.getProperty("test.switch", "netdev");

    private final String tag = "bt%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
    private final Deque<String[]> undo = new ArrayDeque<>();
    private final Deque<Process> servers = new ArrayDeque<>();
    private int made;

    /** A program of a peer's that runs beside the test; its output is there once it has ended. */
    public record Running(Process process) {
        /** What it wrote, at the latest after so many seconds, when it is ended. */
        public String output(int seconds) throws IOException, InterruptedException {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroy();
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * A machine of the outer network. {@code eth0} is its only card.
     *
     * @param device the other end of its wire, on the host
     */
    public final class Peer {
        private final String namespace;
        private final String device;

        private Peer(String namespace, String device) {
            this.namespace = namespace;
            this.device = device;
        }

        public String device() {
            return device;
        }

        /** Gives it an address, {@code 192.0.2.1/24}. */
        public Peer at(String cidr) {
            must("ip", "-n", namespace, "address", "add", cidr, "dev", "eth0");
            return this;
        }

        public HostCommand.Result run(String... command) {
            return HostCommand.of(inside(command)).run();
        }

        public Running start(String... command) throws IOException {
            Process process = new ProcessBuilder(inside(command))
                    .redirectErrorStream(true)
                    .start();
            servers.push(process);
            return new Running(process);
        }

        /** Whether somebody answers there, who may take three seconds. */
        public boolean reaches(String address) {
            return run("ping", "-c", "1", "-w", "3", address).succeeded();
        }

        /** Waits until somebody answers there. */
        public void awaitReach(String address) {
            await("an answer from " + address).atMost(Duration.ofSeconds(30)).until(() -> reaches(address));
        }

        /** Serves addresses by DHCP from now on. */
        public void serveDhcp(String first, String last) throws IOException {
            start(
                    "dnsmasq",
                    "--no-daemon",
                    "--conf-file=/dev/null",
                    "--port=0",
                    "--interface=eth0",
                    "--bind-interfaces",
                    "--dhcp-range=" + first + "," + last + ",1h",
                    "--dhcp-leasefile=" + leases(),
                    "--pid-file=");
        }

        private Path leases() throws IOException {
            Path leases = Files.createTempFile(tag, ".leases");
            leases.toFile().deleteOnExit();
            return leases;
        }

        private String[] inside(String... command) {
            List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            all.addAll(List.of(command));
            return all.toArray(String[]::new);
        }
    }

    /** A Linux bridge that is up. */
    public String bridge() {
        String name = tag + "b" + made++;
        must("ip", "link", "add", name, "type", "bridge");
        undo.push(new String[] {"ip", "link", "delete", name});
        must("ip", "link", "set", name, "up");
        return name;
    }

    /** Lets the bridge filter VLANs; false where the kernel can't. */
    public static boolean filterVlans(String bridge) {
        return HostCommand.of("ip", "link", "set", bridge, "type", "bridge", "vlan_filtering", "1")
                .run()
                .succeeded();
    }

    /** An Open vSwitch bridge, its data path in user space unless told: that needs nothing of the kernel. */
    public String openVSwitch() {
        String name = tag + "o" + made++;
        must("ovs-vsctl", "--timeout=10", "add-br", name, "--", "set", "bridge", name, "datapath_type=" + DATA_PATH);
        undo.push(new String[] {"ovs-vsctl", "--timeout=10", "--if-exists", "del-br", name});
        return name;
    }

    /** A peer whose wire ends in a device that is up and in no bridge. */
    public Peer peer() {
        String namespace = "berth-test-" + tag + made;
        String device = tag + "v" + made++;
        must("ip", "netns", "add", namespace);
        undo.push(new String[] {"ip", "netns", "delete", namespace});
        must("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        undo.push(new String[] {"ip", "link", "delete", device});
        must("ip", "link", "set", device, "up");
        must("ip", "-n", namespace, "link", "set", "lo", "up");
        must("ip", "-n", namespace, "link", "set", "eth0", "up");
        return new Peer(namespace, device);
    }

    /** A peer on the Linux bridge. */
    public Peer peerOn(String bridge) {
        Peer peer = peer();
        must("ip", "link", "set", peer.device, "master", bridge);
        return peer;
    }

    /** A peer on the Open vSwitch bridge, its port with these settings: {@code tag=42}. */
    public Peer peerOnOpenVSwitch(String bridge, String... settings) {
        Peer peer = peer();
        List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--timeout=10", "add-port", bridge, peer.device));
        command.addAll(List.of(settings));
        must(command.toArray(String[]::new));
        return peer;
    }

    public static String must(String... command) {
        HostCommand.Result result = HostCommand.of(command).run();
        assertThat(result.succeeded())
                .as(String.join(" ", command) + ": " + result.errors())
                .isTrue();
        return result.output();
    }

    @Override
    public void close() {
        servers.forEach(server -> {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
        });
        undo.forEach(command -> HostCommand.of(command).run());
    }
}
