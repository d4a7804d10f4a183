package dev.berth.api;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.Page;
import dev.berth.machines.Device;
import dev.berth.machines.Devices;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The devices that a storage profile hands out whole, for admins. */
@Path(ApiPaths.V1 + "/storage-profiles/{profile}/devices")
@Tag(name = "Catalogue")
public class DeviceResource {
    /** Which device of which host. */
    public record NewDevice(
            @Schema(required = true, examples = "kvm-1") String host,
            @Schema(
                            required = true,
                            description = "A path that stays the same.",
                            examples = "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4")
                    String path) {}

    /** An admin's word. */
    public record Overwrite(
            @Schema(
                            required = true,
                            description =
                                    "The last part of the device's path, or the whole name of a LUN, to show that it is meant.")
                    String name) {}

    private final Callers callers;
    private final StorageProfiles profiles;
    private final Devices devices;

    DeviceResource(Callers callers, StorageProfiles profiles, Devices devices) {
        this.callers = callers;
        this.profiles = profiles;
        this.devices = devices;
    }

    private Profile profile(Caller caller, String slug) {
        caller.requireSeesAll();
        return profiles.get(caller, slug);
    }

    @GET
    @Operation(summary = "List a storage profile's devices", description = "For admins and auditors. By host and path.")
    public Page<DeviceView> list(@PathParam("profile") String slug, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(devices.list(caller, profile(caller, slug)), device -> device.id()
                        .toString())
                .map(DeviceView::of);
    }

    @GET
    @Path("/{device}")
    @Operation(summary = "Show a device", description = "For admins and auditors.")
    public DeviceView get(@PathParam("profile") String slug, @PathParam("device") UUID id) {
        Caller caller = callers.current();
        return DeviceView.of(devices.get(caller, profile(caller, slug), id));
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "201", description = "Registered; its host is looking at it.")
    @Operation(
            summary = "Register a device",
            description =
                    "For admins. Nothing is written to it. It is free when its host has found that nothing uses it"
                            + " and that it holds nothing.")
    public RestResponse<DeviceView> register(@PathParam("profile") String slug, NewDevice device) {
        NewDevice body = Answers.body(device);
        Caller caller = callers.current();
        Device made =
                devices.register(caller, profile(caller, slug), Answers.text(body.host()), Answers.text(body.path()));
        return Answers.created("/storage-profiles/" + slug + "/devices/" + made.id(), DeviceView.of(made));
    }

    @POST
    @Path("/{device}/overwrite")
    @Idempotent
    @APIResponse(responseCode = "202", description = "It is being wiped.")
    @Operation(
            summary = "Have what a device holds overwritten",
            description = "For admins. Only for one that is `overwritable`; never one that is in use.")
    public RestResponse<DeviceView> overwrite(
            @PathParam("profile") String slug, @PathParam("device") UUID id, Overwrite word) {
        Caller caller = callers.current();
        String name = Answers.text(Answers.body(word).name());
        return Answers.accepted(DeviceView.of(devices.agree(caller, profile(caller, slug), id, name)));
    }

    @DELETE
    @Path("/{device}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "It is handed out no more. What lies on it stays.")
    @Operation(summary = "Retire a device", description = "For admins. Not while a disk has it.")
    public RestResponse<Void> retire(@PathParam("profile") String slug, @PathParam("device") UUID id) {
        Caller caller = callers.current();
        devices.retire(caller, profile(caller, slug), id);
        return RestResponse.noContent();
    }
}
