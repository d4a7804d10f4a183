package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Share;
import dev.berth.machines.Shares;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.UUID;

/** What the page of a machine's disks does with the directories that it shares. */
@Path("/t/{tenant}/machines/{id}/shares")
@Authenticated
public class SharePages {
    private final Chrome chrome;
    private final Shares shares;

    SharePages(Chrome chrome, Shares shares) {
        this.chrome = chrome;
        this.shares = shares;
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response add(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        chrome.machine(slug, id);
        try {
            Share share = shares.add(chrome.caller(), id, Form.of(sent).value("share"));
            chrome.say(Flash.done(share.storage().name() + " is shared with the machine from its next start on."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return back(slug, id);
    }

    @POST
    @Path("{share}/remove")
    public Response remove(@PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("share") UUID share) {
        chrome.machine(slug, id);
        try {
            Share removed = shares.remove(chrome.caller(), id, share);
            chrome.say(Flash.done(removed.storage().name() + " is shared with the machine until it is powered off."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return back(slug, id);
    }

    private static Response back(String slug, UUID id) {
        return Html.seeOther("/t/" + slug + "/machines/" + id + "/disks");
    }
}
