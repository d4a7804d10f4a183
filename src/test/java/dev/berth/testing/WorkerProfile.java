package dev.berth.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.nio.file.Path;
import java.util.Map;

/** A whole Berth on this machine's libvirt, with directories of its own and little patience. */
public class WorkerProfile implements QuarkusTestProfile {
    /** QEMU's user has to get through to it: not below a home directory. */
    public static final Path DIRECTORY =
            Path.of("/var/tmp/berth-test-" + ProcessHandle.current().pid());

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
                "berth.provisioning.sweep-interval",
                "1s");
    }
}
