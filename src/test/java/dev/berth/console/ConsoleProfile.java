package dev.berth.console;

import dev.berth.testing.PostgresResource;
import dev.berth.testing.SettableClock;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The application with named VNC sockets instead of libvirt, a clock to set, and a link to itself. */
public class ConsoleProfile implements QuarkusTestProfile {
    static final String SECRET = "a secret that only tests know, 32 characters and more";

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(FakeScreens.class, SettableClock.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "berth.worker.secret", SECRET,
                "berth.console.connect-timeout", "2s",
                "berth.console.recheck", "1s",
                "berth.console.max-sessions", "150",
                "berth.console.max-per-user", "200",
                "berth.console.max-per-machine", "160",
                "berth.worker.hosts.other.uri", "test:///default");
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(PostgresResource.class));
    }
}
