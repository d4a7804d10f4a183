package dev.berth.hypervisor;

import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.disk.BlockDisk;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.disk.IscsiDisk;
import dev.berth.hypervisor.disk.LvmDisk;
import dev.berth.hypervisor.disk.PartitionDisk;
import dev.berth.hypervisor.disk.Qcow2Disk;
import dev.berth.hypervisor.disk.RawDisk;
import dev.berth.hypervisor.disk.ShareDirectory;
import dev.berth.hypervisor.network.BridgeNetwork;
import dev.berth.hypervisor.network.MacRange;
import dev.berth.hypervisor.network.MacvtapNetwork;
import dev.berth.hypervisor.network.NatNetwork;
import dev.berth.hypervisor.network.NetworkKinds;
import dev.berth.hypervisor.network.OvsNetwork;
import dev.berth.hypervisor.network.RoutedNetwork;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * This machine's libvirt as the tests use it: with a directory, names and addresses that no other test or program has.
 * What a test makes it removes; closing removes what is left all the same.
 */
final class LiveHost implements AutoCloseable {
    static final String NAME = "test";
    static final UUID INSTALLATION = UUID.randomUUID();
    static final XmlTemplates TEMPLATES = new XmlTemplates();
    static final NetworkKinds NETWORKS = new NetworkKinds(List.of(
            new NatNetwork(TEMPLATES),
            new RoutedNetwork(TEMPLATES),
            new BridgeNetwork(TEMPLATES),
            new MacvtapNetwork(TEMPLATES),
            new OvsNetwork(TEMPLATES)));
    static final DiskKinds DISKS = new DiskKinds(List.of(
            new Qcow2Disk(TEMPLATES),
            new RawDisk(TEMPLATES),
            new BlockDisk(TEMPLATES),
            new PartitionDisk(TEMPLATES),
            new IscsiDisk(TEMPLATES),
            new LvmDisk(TEMPLATES),
            new ShareDirectory(TEMPLATES)));

    final Path directory;
    final LibvirtHypervisors hypervisors;
    final Hypervisor hypervisor;
    final Queue<DomainChanged> events = new ConcurrentLinkedQueue<>();
    final Queue<HostConnectionChanged> connections = new ConcurrentLinkedQueue<>();
    final NetworkSpec network;
    final StorageSpec storage;
    final String subnet;

    /** Emulates, which works everywhere; {@code -Dtest.acceleration=KVM} is for hosts whose KVM works. */
    LiveHost() throws IOException {
        this(
                "qemu:///system",
                Acceleration.valueOf(System.getProperty("test.acceleration", "QEMU")),
                Duration.ofSeconds(10));
    }

    LiveHost(String uri, Acceleration acceleration, Duration timeout) throws IOException {
        // Not below /tmp's own 0700 directories: QEMU's user has to pass.
        directory = Files.createDirectories(Path.of("/var/tmp/berth-test-" + Long.toHexString(random() & 0xFFFFFFFFL)));
        hypervisors = new LibvirtHypervisors(
                config(uri, acceleration, timeout),
                NETWORKS,
                DISKS,
                new DomainXml(TEMPLATES, NETWORKS, DISKS),
                new PortForwards(),
                events::add,
                connections::add);
        String slug = "t%08x".formatted(random() & 0xFFFFFFFFL);
        subnet = "10." + (64 + Math.floorMod(random(), 128)) + "." + Math.floorMod(random(), 256);
        network = new NetworkSpec(
                UUID.randomUUID(),
                slug,
                "nat",
                Map.of("cidr", subnet + ".0/24", "rangeStart", subnet + ".10", "rangeEnd", subnet + ".99"));
        storage = new StorageSpec(UUID.randomUUID(), slug, "qcow2", Map.of("path", directory + "/disks"));
        hypervisors.start();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> hypervisors.problems().get(NAME).isEmpty());
        hypervisor = hypervisors.get(NAME);
    }

    private static long random() {
        return ThreadLocalRandom.current().nextLong();
    }

    private HostsConfig config(String uri, Acceleration acceleration, Duration timeout) {
        return new HostsConfig() {
            @Override
            public Map<String, HostConfig> hosts() {
                return Map.of(NAME, new HostConfig() {
                    @Override
                    public String uri() {
                        return uri;
                    }

                    @Override
                    public Acceleration acceleration() {
                        return acceleration;
                    }
                });
            }

            @Override
            public String directory() {
                return directory.toString();
            }

            @Override
            public Optional<URI> url() {
                return Optional.empty();
            }

            @Override
            public Duration timeout() {
                return timeout;
            }
        };
    }

    /** A machine with one disk, empty unless there is a base, and one card on the network. */
    DomainSpec machine(String hostName, int lastOctet, DiskSpec.BaseImage base) {
        UUID id = UUID.randomUUID();
        String mac = "52:54:00:" + id.toString().substring(0, 6).replaceAll("(..)(?=.)", "$1:");
        NicSpec nic = new NicSpec(id, network, 0, mac, subnet + "." + lastOctet, hostName);
        DiskSpec disk = disk(id, "vda", 1, storage, base);
        return new DomainSpec(
                id, hostName + "-" + id, INSTALLATION, "blue", hostName, 1, 64, List.of(disk), List.of(nic));
    }

    /** A machine with an empty disk and these cards, whose machine id is that of the first. */
    DomainSpec machine(String hostName, NicSpec... nics) {
        return machine(hostName, null, nics);
    }

    DomainSpec machine(String hostName, DiskSpec.BaseImage base, NicSpec... nics) {
        UUID id = nics[0].machineId();
        DiskSpec disk = disk(id, "vda", 1, storage, base);
        return new DomainSpec(
                id, hostName + "-" + id, INSTALLATION, "blue", hostName, 1, 96, List.of(disk), List.of(nics));
    }

    /** A disk that no device was handed out for; the same for the same machine and target. */
    static DiskSpec disk(UUID machineId, String target, long sizeGib, StorageSpec storage, DiskSpec.BaseImage base) {
        UUID id = UUID.nameUUIDFromBytes((machineId + target).getBytes(StandardCharsets.UTF_8));
        return new DiskSpec(id, id, machineId, target, sizeGib, storage, base, "");
    }

    /** A card of some machine on this network, with a MAC address of its own. */
    static NicSpec nic(NetworkSpec network, int position, UUID machineId, String address) {
        String mac = MacRange.text(0x525400000000L + Math.floorMod(random(), 1L << 24));
        return new NicSpec(machineId, network, position, mac, address, "guest");
    }

    /** Everything up to a defined domain. */
    void prepare(DomainSpec machine) {
        machine.nics().stream().map(NicSpec::network).distinct().forEach(hypervisor::ensureNetwork);
        hypervisor.ensureStorage(storage);
        machine.nics().forEach(hypervisor::ensureNic);
        machine.disks().forEach(disk -> hypervisor.ensureDisk(disk, Progress.NONE));
        hypervisor.writeSeed(new SeedSpec(machine.machineId(), machine.machineName(), List.of(), "", machine.nics()));
        hypervisor.define(machine);
    }

    void remove(DomainSpec machine) {
        hypervisor.powerOff(machine.machineId());
        hypervisor.undefine(machine.machineId(), INSTALLATION);
        machine.disks().forEach(disk -> hypervisor.deleteDisk(disk, Progress.NONE));
        machine.nics().forEach(hypervisor::removeNic);
        hypervisor.deleteSeed(machine.machineId());
    }

    static String virsh(String... arguments) {
        String[] command = new String[arguments.length + 3];
        System.arraycopy(new String[] {"virsh", "-c", "qemu:///system"}, 0, command, 0, 3);
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        HostCommand.Result result =
                HostCommand.of(command).timeout(Duration.ofSeconds(60)).run();
        return result.output() + result.errors();
    }

    @Override
    public void close() throws IOException {
        try {
            for (DomainSummary domain : hypervisor.domains(INSTALLATION)) {
                hypervisor.powerOff(domain.machineId());
                hypervisor.undefine(domain.machineId(), INSTALLATION);
            }
            hypervisor.removeNetwork(network);
            hypervisor.removeStorage(storage);
        } finally {
            hypervisors.close();
            try (var files = Files.walk(directory)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
