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
import dev.berth.security.Caller;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
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
}
