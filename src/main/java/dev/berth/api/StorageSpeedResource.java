package dev.berth.api;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.Page;
import dev.berth.machines.StorageSpeeds;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** How fast hosts' disks on a storage profile are, for admins. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class StorageSpeedResource {
    /** One host's figures. */
    @Schema(name = "StorageSpeed")
    public record SpeedView(
            @Schema(examples = "kvm-1") String host,
            @Schema(description = "Whether it is to be measured, or is being.") boolean pending,
            @Schema(description = "Why it could not be measured last time; empty when it could.") String problem,
            @Schema(description = "Bytes a second in pieces of a MiB; 0 as long as it is not known.") long writeBytes,
            @Schema(description = "Bytes a second in pieces of a MiB; 0 as long as it is not known.") long readBytes,
            @Schema(description = "Pieces of 4 KiB a second; 0 as long as it is not known.") long writeOps,
            @Schema(description = "Pieces of 4 KiB a second; 0 as long as it is not known.") long readOps,
            @Schema(description = "When it was measured last.", nullable = true) Instant measuredAt,
            @Schema(description = "As a boot test's guest found it, past its own cache.") GuestView inside) {
        /** What a guest found. */
        @Schema(name = "StorageSpeedInGuest")
        public record GuestView(
                @Schema(description = "Bytes a second; 0 as long as it is not known.") long writeBytes,
                @Schema(description = "Bytes a second; 0 as long as it is not known.") long readBytes,
                @Schema(description = "Whose guest it was.", examples = "debian-12") String template,
                @Schema(nullable = true) Instant measuredAt) {}

        static SpeedView of(StorageSpeeds.Speed speed) {
            return new SpeedView(
                    speed.hostName(),
                    speed.wanted(),
                    speed.problem(),
                    speed.figures().writeBytes(),
                    speed.figures().readBytes(),
                    speed.figures().writeOps(),
                    speed.figures().readOps(),
                    speed.measuredAt(),
                    new GuestView(
                            speed.inside().writeBytes(),
                            speed.inside().readBytes(),
                            speed.template(),
                            speed.insideAt()));
        }
    }

    private final Callers callers;
    private final StorageProfiles profiles;
    private final StorageSpeeds speeds;

    StorageSpeedResource(Callers callers, StorageProfiles profiles, StorageSpeeds speeds) {
        this.callers = callers;
        this.profiles = profiles;
        this.speeds = speeds;
    }

    @GET
    @Path("/storage-profiles/{profile}/speeds")
    @Operation(
            summary = "How fast its disks are",
            description =
                    "For admins and auditors. By host, as measured last; a host that was never asked is not in it.")
    public Page<SpeedView> list(@PathParam("profile") String slug, @BeanParam Paging paging) {
        Caller caller = callers.current();
        caller.requireSeesAll();
        Profile profile = profiles.get(caller, slug);
        return paging.slice(speeds.of(profile.id()), StorageSpeeds.Speed::hostName)
                .map(SpeedView::of);
    }

    @POST
    @Path("/storage-profiles/{profile}/measure")
    @Idempotent
    @APIResponse(responseCode = "202", description = "The hosts measure one after another; the figures follow.")
    @Operation(
            summary = "Have hosts measure its disks",
            description =
                    "For admins. Each host that can offer the profile writes and reads 128 MiB on a disk of its own"
                            + " for it, or on a free device, for some seconds.")
    public RestResponse<List<SpeedView>> measure(@PathParam("profile") String slug) {
        return Answers.accepted(speeds.measure(callers.current(), slug).stream()
                .map(SpeedView::of)
                .toList());
    }
}
