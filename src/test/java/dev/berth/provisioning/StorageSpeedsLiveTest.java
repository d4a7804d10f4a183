package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Device;
import dev.berth.machines.DeviceState;
import dev.berth.machines.Devices;
import dev.berth.machines.StorageSpeeds;
import dev.berth.security.Caller;
import dev.berth.security.Users;
import dev.berth.testing.LiveTarget;
import dev.berth.testing.LoopDevice;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real host measures disks of each kind that it can have, and leaves nothing behind. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class StorageSpeedsLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Caller NOBODY = new Caller(UUID.randomUUID(), "nobody", false, Map.of(), "test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long GIB = 1L << 30;

    @Inject
    StorageProfiles storage;

    @Inject
    StorageSecrets secrets;

    @Inject
    StorageSpeeds speeds;

    @Inject
    Devices devices;

    @Inject
    Hosts hosts;

    @Inject
    Users users;

    private final String tag =
            "sp" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x10000, 0xfffff));
    private final Path directory = WorkerProfile.DIRECTORY.resolve(tag);
    private final List<Profile> made = new ArrayList<>();
    private Host host;
    private LoopDevice loop;
    private LiveTarget target;

    @BeforeEach
    void make() throws IOException {
        host = await().atMost(PATIENCE)
                .until(() -> hosts.list().stream().filter(Host::takesMachines).findFirst(), found -> found.isPresent())
                .orElseThrow();
        loop = LoopDevice.make(GIB);
        target = new LiveTarget();
        target.lun(GIB, new byte[0]);
        target.start();
    }

    @AfterEach
    void end() throws IOException {
        for (Profile profile : made) {
            storage.retire(BERTH, profile.slug());
            Virsh.attempt("pool-destroy", "berth-" + profile.slug());
            Virsh.attempt("pool-undefine", "berth-" + profile.slug());
            Virsh.attempt("secret-undefine", profile.id().toString());
        }
        loop.close();
        target.close();
    }

    @Test
    void measuresEachKindAndLeavesNothing() throws IOException {
        Profile qcow2 =
                profile("qcow2", Map.of("path", directory.resolve("qcow2").toString()));
        assertThatThrownBy(() -> speeds.measure(NOBODY, qcow2.slug())).hasMessageContaining("admin");
        measured(qcow2);
        assertThat(files("qcow2")).isEmpty();
        Profile raw = profile("raw", Map.of("path", directory.resolve("raw").toString()));
        measured(raw);
        assertThat(files("raw")).isEmpty();

        Profile block = profile("block", Map.of());
        assertThat(awaited(block).problem()).contains("No device is free");
        Device device = devices.register(BERTH, block, host.name(), loop.path());
        awaitFree(block, device);
        measured(block);
        awaitFree(block, device);

        Profile lun =
                profile("iscsi", Map.of("portal", target.portal(), "target", LiveTarget.NAME, "user", LiveTarget.USER));
        secrets.keep(BERTH, lun.slug(), target.secret);
        Device unit = devices.register(BERTH, lun, host.name(), LiveTarget.NAME + "/1");
        awaitFree(lun, unit);
        measured(lun);
        awaitFree(lun, unit);

        users.create("admin-" + tag, "Admin", true, "berth");
        Browser admin = Browser.of("admin-" + tag, "berth");
        assertThat(admin.html("/admin/storage/" + raw.slug()))
                .contains("Here: writes", " MB/s", "How fast its disks are");
        assertThat(admin.html("/admin/storage/new?pace=device")).contains("Here: writes");
    }

    private Profile profile(String kind, Map<String, String> config) throws IOException {
        Files.createDirectories(directory.resolve(kind));
        Profile profile = storage.create(BERTH, tag + kind, "Speed of " + kind, "", kind, config);
        made.add(profile);
        return profile;
    }

    private void measured(Profile profile) {
        StorageSpeeds.Speed speed = awaited(profile);
        assertThat(speed.problem()).isEmpty();
        assertThat(speed.figures().writeBytes()).isPositive();
        assertThat(speed.figures().readBytes()).isPositive();
        assertThat(speed.figures().writeOps()).isPositive();
        assertThat(speed.figures().readOps()).isPositive();
    }

    private StorageSpeeds.Speed awaited(Profile profile) {
        await().atMost(PATIENCE)
                .until(() -> storage.checks(profile.id()).stream().anyMatch(ProfileCheck::good));
        assertThat(speeds.measure(BERTH, profile.slug())).hasSize(1);
        return await().atMost(PATIENCE).until(() -> speeds.of(profile.id()).get(0), speed -> !speed.wanted());
    }

    private void awaitFree(Profile profile, Device device) {
        await().atMost(PATIENCE)
                .until(() -> devices.get(BERTH, profile, device.id()).state() == DeviceState.FREE);
    }

    private List<Path> files(String kind) throws IOException {
        try (var files = Files.list(directory.resolve(kind))) {
            return files.toList();
        }
    }
}
