package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.HostState;
import dev.berth.fleet.Hosts;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The hosts; for admins. */
@Path(ApiPaths.V1)
@Tag(name = "Operating")
public class HostResource {
    /** A host as the API shows it. */
    @Schema(name = "Host")
    public record HostView(
            UUID id,
            String name,
            String uri,
            HostState state,
            @Schema(description = "Why it is unreachable; empty when it is fine.") String problem,
            @Schema(nullable = true) Instant seenAt,
            String hostname,
            @Schema(description = "kvm, or qemu for emulation.") String domainType,
            int cpus,
            long memoryMib,
            String versions) {
        static HostView of(Host host) {
            return new HostView(
                    host.id(),
                    host.name(),
                    host.uri(),
                    host.state(),
                    host.problem(),
                    host.seenAt(),
                    host.hostname(),
                    host.domainType(),
                    host.cpus(),
                    host.memoryMib(),
                    host.versions());
        }
    }

    /** What is wanted of a host. */
    public record NewState(@Schema(required = true) HostState state) {}

    private final Callers callers;
    private final Hosts hosts;

    HostResource(Callers callers, Hosts hosts) {
        this.callers = callers;
        this.hosts = hosts;
    }

    @GET
    @Path("/hosts")
    @Operation(summary = "List hosts", description = "For admins and auditors.")
    public Page<HostView> list(@BeanParam Paging paging) {
        callers.current().requireSeesAll();
        return paging.slice(hosts.list(), Host::name).map(HostView::of);
    }

    @GET
    @Path("/hosts/{id}")
    @Operation(summary = "Show a host", description = "For admins and auditors.")
    public HostView get(@PathParam("id") UUID id) {
        callers.current().requireSeesAll();
        return found(id);
    }

    @PUT
    @Path("/hosts/{id}/state")
    @Idempotent
    @Operation(
            summary = "Take a host into or out of service",
            description = "For admins. Only an `ACTIVE` one takes new machines.")
    public RestResponse<HostView> setState(@PathParam("id") UUID id, NewState state) {
        Caller caller = callers.current();
        HostState wanted = Answers.body(state).state();
        if (wanted == null) {
            throw ProblemException.invalid("state", "Use one of ACTIVE, DRAINING, MAINTENANCE.");
        }
        hosts.setState(caller, id, wanted);
        return RestResponse.ok(found(id));
    }

    private HostView found(UUID id) {
        return hosts.find(id).map(HostView::of).orElseThrow(() -> ProblemException.notFound("host"));
    }
}
