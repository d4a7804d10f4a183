package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Request;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.Users;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** A tenant with a user, and a template of the small test guest on a network and a storage of this run's own. */
@ApplicationScoped
public class World {
    public static final Path GUEST = Path.of(System.getProperty("test.guest-image", "/var/cache/berth/guest.qcow2"));

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Users users;
    private final Tenants tenants;
    private final Members members;
    private final Quotas quotas;
    private final Sizes sizes;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final Images images;
    private final Templates templates;
    private final MachineRequests requests;
    private final Machines machines;
    private final Hosts hosts;

    private String tag;
    private Tenant tenant;
    private Caller alice;

    World(
            Users users,
            Tenants tenants,
            Members members,
            Quotas quotas,
            Sizes sizes,
            NetworkProfiles networks,
            StorageProfiles storage,
            Images images,
            Templates templates,
            MachineRequests requests,
            Machines machines,
            Hosts hosts) {
        this.users = users;
        this.tenants = tenants;
        this.members = members;
        this.quotas = quotas;
        this.sizes = sizes;
        this.networks = networks;
        this.storage = storage;
        this.images = images;
        this.templates = templates;
        this.requests = requests;
        this.machines = machines;
        this.hosts = hosts;
    }

    /** Makes the world once; waits for the host first. */
    public synchronized void make(Path directory) {
        if (tag != null) {
            return;
        }
        org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> hosts.list().stream()
                .anyMatch(Host::takesMachines));
        tag = "t" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000, 0xffff));
        Caller berth = Caller.system("test");
        tenant = tenants.create(
                berth,
                tag,
                "Tenant " + tag,
                Map.of(
                        Resource.MACHINES, 20L,
                        Resource.VCPUS, 20L,
                        Resource.MEMORY_MIB, 4_096L,
                        Resource.DISK_GIB, 40L,
                        Resource.FORWARDS, 10L,
                        Resource.SNAPSHOTS, 10L));
        users.create("alice-" + tag, "Alice", false, "berth");
        members.add(berth, tenant, "alice-" + tag, TenantRole.MEMBER);
        alice = tenants.caller("alice-" + tag, "test");
        sizes.create(berth, tag, "Test", 1, 96, 1);
        int ports = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        String subnet = "10." + ThreadLocalRandom.current().nextInt(100, 200) + "."
                + ThreadLocalRandom.current().nextInt(256);
        networks.create(
                berth,
                tag,
                "Test",
                "",
                "nat",
                Map.of(
                        "cidr", subnet + ".0/24",
                        "rangeStart", subnet + ".10",
                        "rangeEnd", subnet + ".200",
                        "forwardPorts", ports + "-" + (ports + 9)));
        storage.create(
                berth,
                tag,
                "Test",
                "",
                "qcow2",
                Map.of("path", directory.resolve("disks").toAbsolutePath().toString()));
        images.importFile(
                berth, new Images.Draft(tag, "", "qcow2"), GUEST.getFileName().toString());
        templates.create(berth, tag, "Test " + tag, "", new Policy(2, 1_024, 10, 48, 720));
        templates.revise(berth, tag, new Templates.RevisionDraft(tag, List.of(tag), List.of(tag), List.of(tag), ""));
        templates.setState(berth, tag, 1, RevisionState.APPROVED);
    }

    public Caller alice() {
        return alice;
    }

    public Tenant tenant() {
        return tenant;
    }

    public String tag() {
        return tag;
    }

    /** The image that its machines back onto; others may lie beside it. */
    public UUID imageId() {
        return images.get(tag).id();
    }

    /** Requests a machine that passes by itself. */
    public UUID request(String name) {
        return request(name, "");
    }

    public UUID request(String name, String userData) {
        Request request =
                requests.create(alice, tag, new Ask(tag, tag, name, tag, tag, List.of(), userData, 24, "test"), null);
        assertThat(request.open()).isFalse();
        return request.machineId();
    }

    /** The same from another template, on this run's network and storage. */
    public UUID requestFrom(String template, String name) {
        Request request =
                requests.create(alice, tag, new Ask(template, tag, name, tag, tag, List.of(), "", 24, "test"), null);
        assertThat(request.open()).isFalse();
        return request.machineId();
    }

    public Machine machine(UUID id) {
        return machines.get(alice, id);
    }

    public Machine await(UUID id, MachineState state) {
        return awaitMachine(id, machine -> machine.state() == state);
    }

    public Machine awaitMachine(UUID id, java.util.function.Predicate<Machine> condition) {
        return org.awaitility.Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> machine(id), condition::test);
    }

    /** Deletes the machine and waits until it is gone. */
    public void delete(UUID id) {
        machines.delete(alice, id);
        await(id, MachineState.GONE);
    }

    public Map<Resource, Long> used() {
        return quotas.usage(tenant.id()).stream()
                .collect(java.util.stream.Collectors.toMap(use -> use.resource(), use -> use.used()));
    }

    public List<String> drift() {
        return quotas.drift();
    }

    /** Takes away the network and the pool that machines stood on; the next machine's worker makes them again. */
    public void takeAway() {
        String name = "berth-" + tag;
        if (Virsh.run("net-list", "--all", "--name").lines().anyMatch(name::equals)) {
            Nft.remove(Nft.ofNetwork(name));
            Virsh.attempt("net-destroy", name);
            Virsh.attempt("net-undefine", name);
        }
        Virsh.attempt("pool-destroy", name);
        Virsh.attempt("pool-undefine", name);
    }
}
