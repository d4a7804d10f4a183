package dev.berth.testing;

import dev.berth.hypervisor.HostCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Certificates as {@code deploy/ca.sh} makes them. */
public final class SmallCa {
    private final Path directory;

    public SmallCa(Path directory) {
        this.directory = directory;
    }

    public Path certificate() {
        return directory.resolve("cacert.pem");
    }

    /** @return the directory of its {@code cert.pem} and {@code key.pem} */
    public Path server(String... names) {
        return make("server", names);
    }

    public Path client(String name) {
        return make("client", name);
    }

    private Path make(String use, String... names) {
        List<String> command = new ArrayList<>(List.of("deploy/ca.sh", directory.toString(), use));
        command.addAll(List.of(names));
        HostCommand.Result made = HostCommand.of(command.toArray(String[]::new))
                .timeout(Duration.ofMinutes(1))
                .run();
        if (!made.succeeded()) {
            throw new IllegalStateException("deploy/ca.sh: " + made.errors());
        }
        return directory.resolve(names[0]);
    }
}
