package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.StorageSpeeds;
import dev.berth.security.Caller;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;

/** Having hosts measure how fast their disks on a storage profile are. The profile's page shows what came of it. */
@Path("/admin/storage/{slug}/measure")
@Authenticated
public class StorageSpeedPages {
    private final Chrome chrome;
    private final StorageSpeeds speeds;

    StorageSpeedPages(Chrome chrome, StorageSpeeds speeds) {
        this.chrome = chrome;
        this.speeds = speeds;
    }

    @POST
    public Response measure(@PathParam("slug") String slug) {
        Caller caller = chrome.admin("storage");
        try {
            speeds.measure(caller, slug);
            chrome.say(Flash.done("The hosts measure it one after another. What they find shows up below by itself."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/admin/storage/" + slug);
    }
}
