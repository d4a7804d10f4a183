package dev.berth.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/** A whole Berth on this machine's libvirt, with directories of its own and little patience. */
public class WorkerProfile implements QuarkusTestProfile {
    /** QEMU's user has to get through to it: not below a home directory. */
    public static final Path DIRECTORY =
            Path.of("/var/tmp/berth-test-" + ProcessHandle.current().pid());

    static {
        // Test classes share one program and what lies here, so it goes when all of them are done.
        Runtime.getRuntime().addShutdownHook(new Thread(WorkerProfile::removeDirectory));
    }

    private static void removeDirectory() {
        try (var files = Files.walk(DIRECTORY)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // Another class loader's hook was faster.
        }
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "berth.roles",
                "web,worker",
                "berth.worker.directory",
                DIRECTORY.resolve("worker").toString(),
                "berth.library.directory",
                DIRECTORY.resolve("images").toString(),
                "berth.library.import-directory",
                World.GUEST.getParent().toString(),
                "berth.provisioning.retry-pauses",
                "200ms,200ms",
                "berth.worker.secret",
                "a secret that only tests know, 32 characters and more",
                "berth.provisioning.sweep-interval",
                "1s");
    }
}
