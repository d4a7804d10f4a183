package dev.berth.web;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.machines.MacAddresses;
import dev.berth.security.Caller;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Every MAC address that was ever given, as a file for the network team; for admins. */
@Path("/admin/macs.csv")
@Authenticated
public class MacPages {
    private final Chrome chrome;
    private final NetworkProfiles profiles;
    private final MacAddresses macs;

    MacPages(Chrome chrome, NetworkProfiles profiles, MacAddresses macs) {
        this.chrome = chrome;
        this.profiles = profiles;
        this.macs = macs;
    }

    /** @param network one network's only; all without */
    @GET
    public Response export(@QueryParam("network") String network) {
        Caller caller = chrome.admin("networks-admin");
        UUID profile = network == null || network.isEmpty()
                ? null
                : profiles.get(caller, network).id();
        StreamingOutput output = out -> {
            try (Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                macs.export(caller, profile, writer);
            }
        };
        return Response.ok(output, "text/csv;charset=UTF-8")
                .header("Content-Disposition", "attachment; filename=\"berth-macs.csv\"")
                .header("Cache-Control", "no-store")
                .build();
    }
}
