package dev.berth.demo;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.BerthConfig;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.security.AuthConfig;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.Users;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/** Seeds an empty database when {@code berth.demo} is set. Whatever exists already stays as it is. */
@ApplicationScoped
public class DemoData {
    private static final Logger LOG = Logger.getLogger(DemoData.class);
    private static final String SOURCE = "demo";
    /** Known to everybody: the demo is for one machine and its owner. Too short for {@code Accounts}. */
    private static final String PASSWORD = "berth";

    private static final Set<String> PEOPLE = Set.of("admin", "alice", "bob", "carol");

    private static final Map<Resource, Long> LIMITS = Map.of(
            Resource.MACHINES, 10L,
            Resource.VCPUS, 16L,
            Resource.MEMORY_MIB, 16_384L,
            Resource.DISK_GIB, 200L,
            Resource.FORWARDS, 20L,
            Resource.SNAPSHOTS, 20L);

    private final BerthConfig config;
    private final AuthConfig auth;
    private final HostsConfig hosts;
    private final Users users;
    private final Tenants tenants;
    private final Members members;
    private final Sizes sizes;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;

    DemoData(
            BerthConfig config,
            AuthConfig auth,
            HostsConfig hosts,
            Users users,
            Tenants tenants,
            Members members,
            Sizes sizes,
            NetworkProfiles networks,
            StorageProfiles storage) {
        this.config = config;
        this.auth = auth;
        this.hosts = hosts;
        this.users = users;
        this.tenants = tenants;
        this.members = members;
        this.sizes = sizes;
        this.networks = networks;
        this.storage = storage;
    }

    @Transactional
    void seed(@Observes StartupEvent event) {
        if (!config.demo()) {
            if (config.web()) {
                requireNoDemoPasswords();
            }
            return;
        }
        if (auth.mode() == AuthConfig.Mode.OIDC) {
            throw new IllegalStateException(
                    "berth.demo and berth.auth.mode=oidc exclude each other: the demo's people sign in with passwords that everybody knows. Leave berth.demo out.");
        }
        if (users.find("admin").isPresent()) {
            return;
        }
        LOG.info("Seeding the demo's people, tenants, sizes and profiles");
        Caller berth = Caller.system(SOURCE);
        users.create("admin", "Ada Admin", true, PASSWORD);
        users.setRoles(users.create("otto", "Otto Auditor", false, PASSWORD).id(), false, true);
        Tenant blue = tenants.create(berth, "blue", "Blue", LIMITS);
        Tenant green = tenants.create(berth, "green", "Green", LIMITS);
        member(blue, "bob", "Bob Blue", TenantRole.OWNER);
        member(blue, "alice", "Alice Blue", TenantRole.MEMBER);
        member(green, "carol", "Carol Green", TenantRole.OWNER);
        sizes.create(berth, "tiny", "Tiny", 1, 128, 1);
        sizes.create(berth, "small", "Small", 1, 512, 5);
        sizes.create(berth, "medium", "Medium", 2, 2_048, 20);
        sizes.create(berth, "large", "Large", 4, 8_192, 80);
        networks.create(
                berth,
                "nat",
                "NAT",
                "Private addresses; guests reach out, others reach in where a port is opened.",
                "nat",
                Map.of(
                        "cidr", "10.77.0.0/20",
                        "rangeStart", "10.77.0.10",
                        "rangeEnd", "10.77.15.250",
                        "forwardPorts", "20000-20999",
                        "forwardAddress", ownAddress()));
        storage.create(
                berth,
                "qcow2",
                "Thin files",
                "Thin overlays on the template's image.",
                "qcow2",
                Map.of("path", Path.of(hosts.directory(), "disks").toString()));
    }

    /**
     * Whatever is no demo is for real, and passwords that everybody knows have no place in it.
     *
     * @throws IllegalStateException when there are some
     */
    public void requireNoDemoPasswords() {
        List<String> open = users.withPassword(PEOPLE, PASSWORD);
        if (!open.isEmpty()) {
            throw new IllegalStateException(
                    "This database was a demo's, and everybody knows these accounts' password: "
                            + String.join(", ", open)
                            + ". Start with a database of its own; or start once more with berth.demo=true where nobody else can reach it, and give them other passwords or disable them.");
        }
    }

    /**
     * The address that this machine is known by on its way out; nothing is sent to learn it. Its name may lead to an
     * address of 127.0.0.0/8, where opened ports don't answer.
     */
    private static String ownAddress() {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(InetAddress.getByName("192.0.2.1"), 9);
            return socket.getLocalAddress() instanceof Inet4Address address && !address.isAnyLocalAddress()
                    ? address.getHostAddress()
                    : "";
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }

    private void member(Tenant tenant, String username, String displayName, TenantRole role) {
        users.create(username, displayName, false, PASSWORD);
        members.add(Caller.system(SOURCE), tenant, username, role);
    }
}
