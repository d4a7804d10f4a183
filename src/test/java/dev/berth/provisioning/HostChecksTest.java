package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.HostInventory;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.ProfileDraft;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.KindField;
import dev.berth.machines.Stray;
import dev.berth.machines.Strays;
import dev.berth.security.Caller;
import dev.berth.security.Users;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real host is asked about profiles without anybody waiting for the next round. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class HostChecksTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Inject
    NetworkProfiles networks;

    @Inject
    StorageProfiles storage;

    @Inject
    Hosts hosts;

    @Inject
    Hypervisors hypervisors;

    @Inject
    HostInventory inventory;

    @Inject
    Strays strays;

    @Inject
    Users users;

    @TempDir
    Path directory;

    private final String tag =
            "c" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x10000, 0xfffff));

    @BeforeEach
    void awaitTheHost() {
        await().atMost(PATIENCE).until(() -> hosts.list().stream().anyMatch(Host::takesMachines));
    }

    private static Map<String, String> net(String subnet) {
        return Map.of("cidr", subnet + ".0/24", "rangeStart", subnet + ".10", "rangeEnd", subnet + ".20");
    }

    private static String subnet() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "10." + random.nextInt(200, 255) + "." + random.nextInt(256);
    }

    private static ProfileCheck said(Profiles<?> profiles, Profile profile, Predicate<ProfileCheck> what) {
        return await().atMost(PATIENCE)
                .until(
                        () -> profiles.checks(profile.id()).stream()
                                .filter(what)
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
    }

    @Test
    void whatStandsInTheWayIsSaidAndUnsaid() throws IOException {
        String subnet = subnet();
        Profile profile = networks.create(BERTH, tag, "Checked", "", "nat", net(subnet));
        ProfileCheck first = said(networks, profile, ProfileCheck::good);
        String other = "other-" + tag;
        Path xml = Files.writeString(
                directory.resolve("net.xml"),
                "<network><name>" + other + "</name><bridge name='br" + tag + "'/><ip address='" + subnet
                        + ".1' netmask='255.255.255.0'/></network>");
        Virsh.run("net-define", xml.toString());
        try {
            networks.check(BERTH, tag);
            ProfileCheck second = said(networks, profile, check -> !check.good());
            assertThat(second.problems())
                    .singleElement()
                    .asString()
                    .contains("overlaps", other, "Choose another range");
            assertThat(second.checkedAt()).isAfter(first.checkedAt());
            assertThat(networks.hostsThatCannot(profile.id())).containsExactly(second.hostId());

            // Other settings are looked at without being told to.
            networks.update(BERTH, tag, null, new ProfileDraft("Moved", "", net(subnet()), Set.of()));
            said(networks, profile, ProfileCheck::good);
        } finally {
            Virsh.run("net-undefine", other);
            networks.retire(BERTH, tag);
        }
    }

    @Test
    void storageIsLookedAtToo() throws IOException {
        Profile profile =
                storage.create(BERTH, tag, "Checked", "", "qcow2", Map.of("path", "/root/berth-" + tag + "/disks"));
        ProfileCheck check = said(storage, profile, one -> true);
        assertThat(check.problems()).singleElement().asString().contains("can't pass through");
        assertThat(check.checkedAt()).isBefore(Instant.now().plusSeconds(1));
        storage.retire(BERTH, tag);

        UUID stray = UUID.randomUUID();
        Path disks = Files.createDirectories(WorkerProfile.DIRECTORY.resolve(tag));
        Profile tidy = storage.create(BERTH, tag + "-2", "Checked", "", "raw", Map.of("path", disks.toString()));
        assertThat(said(storage, tidy, ProfileCheck::good).advice()).isEmpty();
        Files.createFile(disks.resolve(stray + ".raw"));
        try {
            hypervisors.get(check.hostName()).ensureStorage(StorageProfiles.spec(tidy));
            storage.check(BERTH, tidy.slug());
            ProfileCheck second = said(storage, tidy, one -> !one.advice().isEmpty());
            assertThat(second.good()).isTrue();
            assertThat(second.advice()).singleElement().asString().contains("Left over here", stray.toString());
        } finally {
            storage.retire(BERTH, tidy.slug());
            Virsh.attempt("pool-destroy", "berth-" + tidy.slug());
            Virsh.attempt("pool-undefine", "berth-" + tidy.slug());
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(inventory.choices(KindField.Offer.DIRECTORIES))
                .as("what the host has room for is known as well")
                .isNotEmpty()
                .allSatisfy(choice -> assertThat(choice.words()).contains("free on host")));
    }

    /** Only what carries this installation's mark, and nobody knows or uses, and after a person has said its name. */
    @Test
    void straysAreListedAndRemovedFromTheirHost() throws IOException {
        String host = hosts.list().stream()
                .filter(Host::takesMachines)
                .findFirst()
                .orElseThrow()
                .name();
        users.create("admin-" + tag, "Admin", true, "berth");
        Browser admin = Browser.of("admin-" + tag, "berth");
        Path disks = Files.createDirectories(WorkerProfile.DIRECTORY.resolve(tag));
        Profile profile = storage.create(BERTH, tag, "Strays", "", "raw", Map.of("path", disks.toString()));
        UUID volume = UUID.randomUUID();
        Path file = disks.resolve(volume + ".raw");
        String marked = "ours-" + tag;
        String unmarked = "plain-" + tag;
        String others = "others-" + tag;
        try {
            hypervisors.get(host).ensureStorage(StorageProfiles.spec(profile));
            Files.move(Files.write(disks.resolve("new"), new byte[1 << 20]), file);
            Virsh.run("pool-refresh", "berth-" + tag);
            define(marked, hosts.installationId(), file);
            Virsh.run("start", marked);
            define(unmarked, null, null);
            define(others, UUID.randomUUID(), null);

            await().atMost(PATIENCE).until(() -> stray(marked).running());
            Stray domain = stray(marked);
            assertThat(domain.vcpus()).isEqualTo(1);
            assertThat(domain.memoryMib()).isEqualTo(32);
            Stray disk = stray(volume.toString());
            assertThat(disk.bytes()).isEqualTo(1 << 20);
            assertThat(admin.html("/admin/ledger"))
                    .contains(marked, volume.toString(), "1 vCPU, 32 MiB", "1 MiB", "/admin/ledger/strays/" + disk.id())
                    .doesNotContain(unmarked, others);

            assertThat(admin.post(path(domain), Map.of("confirm", "another")).statusCode())
                    .isEqualTo(422);
            remove(admin, disk);
            await().atMost(PATIENCE)
                    .until(() -> !stray(volume.toString()).note().isEmpty());
            assertThat(stray(volume.toString()).note()).contains("It is a disk of " + marked);
            assertThat(stray(volume.toString()).removing()).isFalse();
            assertThat(file).as("a disk that is in use").exists();

            remove(admin, domain);
            awaitGone(marked);
            assertThat(Virsh.run("list", "--all", "--name"))
                    .doesNotContain(marked)
                    .contains(unmarked, others);
            remove(admin, disk);
            awaitGone(volume.toString());
            assertThat(file).doesNotExist();
            assertThat(admin.html("/admin/audit?action=stray.remove")).contains(marked, volume.toString());
        } finally {
            storage.retire(BERTH, profile.slug());
            for (String name : List.of(marked, unmarked, others)) {
                Virsh.attempt("destroy", name);
                Virsh.attempt("undefine", name);
            }
            Virsh.attempt("pool-destroy", "berth-" + tag);
            Virsh.attempt("pool-undefine", "berth-" + tag);
        }
    }

    private void define(String name, UUID installation, Path disk) throws IOException {
        UUID id = UUID.randomUUID();
        Path xml = Files.writeString(
                directory.resolve(name + ".xml"),
                "<domain type='qemu'><name>" + name + "</name><uuid>" + id + "</uuid>"
                        + (installation == null
                                ? ""
                                : "<metadata><berth:machine xmlns:berth='urn:x-berth:domain:1' installation='"
                                        + installation + "' machine='" + id + "' tenant='blue'/></metadata>")
                        + "<memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64'>hvm</type></os><devices>"
                        + (disk == null
                                ? ""
                                : "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='"
                                        + disk + "'/><target dev='vda' bus='virtio'/></disk>")
                        + "</devices></domain>");
        Virsh.run("define", xml.toString());
    }

    private Stray stray(String name) {
        return await().atMost(PATIENCE)
                .until(
                        () -> strays.list(BERTH).stream()
                                .filter(stray -> stray.name().equals(name))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private void awaitGone(String name) {
        await().atMost(PATIENCE).until(() -> strays.list(BERTH).stream()
                .noneMatch(stray -> stray.name().equals(name)));
    }

    private static String path(Stray stray) {
        return "/admin/ledger/strays/" + stray.id();
    }

    private static void remove(Browser admin, Stray stray) {
        assertThat(admin.html(path(stray))).contains("Type the name to confirm", stray.name());
        assertThat(admin.post(path(stray), Map.of("confirm", stray.name())).statusCode())
                .isEqualTo(303);
    }
}
