package dev.berth.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.nio.file.Path;
import java.util.Map;

/** A web process with the demo's people and without a hypervisor. */
public class WebProfile implements QuarkusTestProfile {
    static final Path DIRECTORY = Path.of(
            System.getProperty("java.io.tmpdir"),
            "berth-web-test-" + ProcessHandle.current().pid());
    static final Path IMPORT = DIRECTORY.resolve("import");

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "berth.roles", "web",
                "berth.demo", "true",
                "berth.library.directory", DIRECTORY.resolve("images").toString(),
                "berth.library.import-directory", IMPORT.toString(),
                "berth.library.max-virtual-gib", "64",
                "berth.library.url-hosts", "127.0.0.1:*",
                "berth.library.url-schemes", "http,https",
                "berth.library.url-networks", "127.0.0.0/8",
                // Tests add up for themselves, with a clock of their own.
                "berth.usage.interval", "24h");
    }
}
