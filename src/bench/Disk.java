import dev.berth.hypervisor.Acceleration;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.DomainChanged;
import dev.berth.hypervisor.DomainXml;
import dev.berth.hypervisor.HostConnectionChanged;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.LibvirtHypervisors;
import dev.berth.hypervisor.PortForwards;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.XmlTemplates;
import dev.berth.hypervisor.disk.BlockDisk;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.disk.LvmDisk;
import dev.berth.hypervisor.disk.Qcow2Disk;
import dev.berth.hypervisor.disk.RawDisk;
import dev.berth.hypervisor.network.NetworkKinds;
import jakarta.enterprise.event.Event;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Makes disks from an image as a worker does. For each line of standard input, a kind and how many, it makes so many one
 * after another, deletes them again, and prints how many milliseconds the making took.
 */
final class Disk {
    private Disk() {}

    /**
     * @param arguments the storage's name, the image's qcow2 file, the disks' size in GiB, a directory, a device, and a
     *     volume group, empty where the kernel has no device-mapper
     */
    public static void main(String[] arguments) throws Exception {
        String directory = arguments[3];
        DiskSpec.BaseImage image = new DiskSpec.BaseImage(arguments[1], "qcow2");
        Map<String, StorageSpec> storages = new HashMap<>(Map.of(
                "raw", storage("raw", arguments), "qcow2", storage("qcow2", arguments), "block", other("block", Map.of(), arguments)));
        if (!arguments[5].isEmpty()) {
            storages.put("lvm", other("lvm", Map.of("group", arguments[5]), arguments));
        }
        LibvirtHypervisors hypervisors = hypervisors(directory);
        hypervisors.start();
        while (!hypervisors.problems().get("local").isEmpty()) {
            Thread.sleep(50);
        }
        Hypervisor host = hypervisors.get("local");
        storages.values().forEach(host::ensureStorage);
        System.out.println("ready");
        Scanner orders = new Scanner(System.in);
        while (orders.hasNext()) {
            StorageSpec storage = storages.get(orders.next());
            String place = storage.kind().equals("block") ? arguments[4] : "";
            List<DiskSpec> disks = Stream.generate(
                            () -> disk(storage, image, Long.parseLong(arguments[2]), place))
                    .limit(orders.nextInt())
                    .toList();
            long begin = System.nanoTime();
            disks.forEach(disk -> host.ensureDisk(disk, Progress.NONE));
            long took = (System.nanoTime() - begin) / 1_000_000;
            // Wiping is not counted, nor may it go on while it is the other side's turn.
            disks.forEach(disk -> host.deleteDisk(disk, Progress.NONE));
            System.out.println(took);
        }
        storages.values().forEach(host::removeStorage);
        hypervisors.close();
    }

    private static StorageSpec storage(String kind, String... arguments) {
        return new StorageSpec(
                UUID.randomUUID(), arguments[0] + kind, kind, Map.of("path", arguments[3] + "/disks-" + kind));
    }

    private static StorageSpec other(String kind, Map<String, String> config, String... arguments) {
        return new StorageSpec(UUID.randomUUID(), arguments[0] + kind, kind, config);
    }

    private static DiskSpec disk(StorageSpec storage, DiskSpec.BaseImage image, long sizeGib, String place) {
        UUID id = UUID.randomUUID();
        return new DiskSpec(id, id, UUID.randomUUID(), "vda", sizeGib, storage, image, place);
    }

    @SuppressWarnings("unchecked")
    private static LibvirtHypervisors hypervisors(String directory) {
        XmlTemplates templates = new XmlTemplates();
        NetworkKinds networks = new NetworkKinds(List.of());
        DiskKinds disks = new DiskKinds(List.of(
                new Qcow2Disk(templates), new RawDisk(templates), new BlockDisk(templates), new LvmDisk(templates)));
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
                Disk.class.getClassLoader(), new Class<?>[] {Event.class}, (event, method, arguments) -> null);
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
