import dev.berth.hypervisor.Acceleration;
import dev.berth.hypervisor.DomainChanged;
import dev.berth.hypervisor.DomainXml;
import dev.berth.hypervisor.HostConnectionChanged;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.LibvirtHypervisors;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.PortForwards;
import dev.berth.hypervisor.XmlTemplates;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.network.NatNetwork;
import dev.berth.hypervisor.network.NetworkKinds;
import jakarta.enterprise.event.Event;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.UUID;

/**
 * Gives cards of a nat network their addresses as a worker does. For each line of standard input, "from to", it prints
 * how many milliseconds the cards of these numbers took.
 */
final class Dhcp {
    private static final int PER_OCTET = 256;

    private Dhcp() {}

    /** @param arguments the network's name, its first two octets, its third one, and a directory for the worker */
    public static void main(String[] arguments) throws Exception {
        String subnet = arguments[1];
        int third = Integer.parseInt(arguments[2]);
        NetworkSpec network = new NetworkSpec(
                UUID.randomUUID(),
                arguments[0],
                "nat",
                Map.of(
                        "cidr", subnet + "." + third + ".0/21",
                        "rangeStart", subnet + "." + third + ".10",
                        "rangeEnd", subnet + "." + (third + 7) + ".250"));
        LibvirtHypervisors hypervisors = hypervisors(arguments[3]);
        hypervisors.start();
        while (!hypervisors.problems().get("local").isEmpty()) {
            Thread.sleep(50);
        }
        Hypervisor host = hypervisors.get("local");
        host.ensureNetwork(network);
        System.out.println("ready");
        Scanner orders = new Scanner(System.in);
        while (orders.hasNextInt()) {
            int from = orders.nextInt();
            int to = orders.nextInt();
            long begin = System.nanoTime();
            for (int number = from; number <= to; number++) {
                int offset = number + 10;
                host.ensureNic(new NicSpec(
                        UUID.randomUUID(),
                        network,
                        0,
                        "52:54:00:be:%02x:%02x".formatted(number / PER_OCTET, number % PER_OCTET),
                        subnet + "." + (third + offset / PER_OCTET) + "." + offset % PER_OCTET,
                        "bench-" + number));
            }
            System.out.println((System.nanoTime() - begin) / 1_000_000);
        }
        hypervisors.close();
    }

    @SuppressWarnings("unchecked")
    private static LibvirtHypervisors hypervisors(String directory) {
        XmlTemplates templates = new XmlTemplates();
        NetworkKinds networks = new NetworkKinds(List.of(new NatNetwork(templates)));
        DiskKinds disks = new DiskKinds(List.of());
        return new LibvirtHypervisors(
                config(directory),
                networks,
                disks,
                new DomainXml(templates, networks, disks),
                new PortForwards(),
                (Event<DomainChanged>) unheard(),
                (Event<HostConnectionChanged>) unheard());
    }

    private static Event<?> unheard() {
        return (Event<?>) Proxy.newProxyInstance(
                Dhcp.class.getClassLoader(), new Class<?>[] {Event.class}, (event, method, arguments) -> null);
    }

    private static HostsConfig config(String directory) {
        return new HostsConfig() {
            @Override
            public Map<String, HostConfig> hosts() {
                return Map.of("local", new HostConfig() {
                    @Override
                    public String uri() {
                        return "qemu:///system";
                    }

                    @Override
                    public Acceleration acceleration() {
                        return Acceleration.QEMU;
                    }
                });
            }

            @Override
            public String directory() {
                return directory;
            }

            @Override
            public Duration timeout() {
                return Duration.ofSeconds(10);
            }

            @Override
            public Optional<URI> url() {
                return Optional.empty();
            }
        };
    }
}
