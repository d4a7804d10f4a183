package dev.berth.hypervisor;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which libvirt hosts a worker serves and where it keeps what it makes for them ({@code berth.worker.*}). */
@ConfigMapping(prefix = "berth.worker")
public interface HostsConfig {
    /** Hosts by name, a name being a lower-case slug: {@code berth.worker.hosts.<name>.uri}. */
    Map<String, HostConfig> hosts();

    /** Seeds and VNC sockets live below this directory; QEMU's user must be able to pass through it. */
    @WithDefault("/var/lib/berth")
    String directory();

    /** How long opening a connection or any one libvirt answer may take before the host counts as unreachable. */
    @WithDefault("10s")
    Duration timeout();

    /** Where other processes reach this worker, for example {@code http://10.0.0.5:8080}; not needed by a single one. */
    Optional<URI> url();

    /** The libvirt URI of each host by name; without any configured, this machine's own. */
    default Map<String, String> uris() {
        if (hosts().isEmpty()) {
            return Map.of("local", "qemu:///system");
        }
        return hosts().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, host -> host.getValue()
                .uri()));
    }

    /** One libvirt host. */
    interface HostConfig {
        @WithDefault("qemu:///system")
        String uri();

        /** {@code auto} boots something tiny once to see whether KVM really works. */
        @WithDefault("auto")
        Acceleration acceleration();
    }
}
