package dev.berth.api;

import dev.berth.common.BerthConfig;
import dev.berth.hypervisor.Hypervisors;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Each libvirt connection of a worker. Pages and API work without any of them, so a process that has pages stays ready;
 * a process that is only a worker is not ready when it reaches none of its hosts.
 */
@Readiness
@ApplicationScoped
public class LibvirtHealth implements HealthCheck {
    private final BerthConfig config;
    private final Hypervisors hypervisors;

    LibvirtHealth(BerthConfig config, Hypervisors hypervisors) {
        this.config = config;
        this.hypervisors = hypervisors;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("libvirt");
        if (!config.worker()) {
            return response.up().build();
        }
        Map<String, String> problems = hypervisors.problems();
        problems.forEach((host, problem) -> response.withData(host, problem.isEmpty() ? "connected" : problem));
        return response.status(config.web() || problems.values().stream().anyMatch(String::isEmpty))
                .build();
    }
}
