package dev.berth.api;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.common.Page;
import dev.berth.machines.MacAddress;
import dev.berth.machines.MacAddresses;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Which MAC address belongs to whom, for the network team; for admins. */
@Path(ApiPaths.V1)
@Tag(name = "Operating")
public class MacAddressResource {
    private static final String CSV = "text/csv;charset=UTF-8";

    private final Callers callers;
    private final NetworkProfiles profiles;
    private final MacAddresses macs;

    MacAddressResource(Callers callers, NetworkProfiles profiles, MacAddresses macs) {
        this.callers = callers;
        this.profiles = profiles;
        this.macs = macs;
    }

    @GET
    @Path("/mac-addresses")
    @Operation(
            summary = "List MAC addresses",
            description =
                    "For admins and auditors: every one that was ever given, in their order. `releasedAt` is null as long as"
                            + " a card has it.")
    public Page<MacAddress> list(
            @Parameter(description = "Only those of this network profile.") @QueryParam("network") String network,
            @BeanParam Paging paging) {
        Caller caller = callers.current();
        caller.requireSeesAll();
        UUID profile = network == null || network.isEmpty()
                ? null
                : profiles.get(caller, network).id();
        return macs.list(caller, profile, paging.limit(), paging.cursor());
    }

    @GET
    @Path("/mac-addresses.csv")
    @Produces(CSV)
    @Operation(
            summary = "Export MAC addresses",
            description = "For admins and auditors: all of them, as CSV (RFC 4180).")
    public Response export() {
        Caller caller = callers.current();
        caller.requireSeesAll();
        return csv(caller, null, "berth-macs.csv");
    }

    @GET
    @Path("/network-profiles/{profile}/macs.csv")
    @Produces(CSV)
    @Operation(
            summary = "Export a network's MAC addresses",
            description = "For admins and auditors: those given on this network, as CSV (RFC 4180).")
    public Response exportOf(@PathParam("profile") String slug) {
        Caller caller = callers.current();
        caller.requireSeesAll();
        return csv(caller, profiles.get(caller, slug).id(), "berth-macs-" + slug + ".csv");
    }

    private Response csv(Caller caller, UUID profile, String file) {
        StreamingOutput output = out -> {
            try (Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                macs.export(caller, profile, writer);
            }
        };
        return Response.ok(output, CSV)
                .header("Content-Disposition", "attachment; filename=\"" + file + "\"")
                .header("Cache-Control", "no-store")
                .build();
    }
}
