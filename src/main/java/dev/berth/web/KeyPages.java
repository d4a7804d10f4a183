package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.SshKey;
import dev.berth.tenancy.SshKeys;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;

/** The SSH keys of the person who is signed in. */
@Path("/keys")
@Authenticated
public class KeyPages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance keys(List<SshKey> keys, Form form);
    }

    private final Chrome chrome;
    private final SshKeys keys;

    KeyPages(Chrome chrome, SshKeys keys) {
        this.chrome = chrome;
        this.keys = keys;
    }

    @GET
    public Response list() {
        return page(Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response add(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.personal("keys");
        Form form = Form.of(sent);
        try {
            SshKey key = keys.keep(
                    caller, form.value("name").strip(), form.value("publicKey").strip());
            chrome.say(Flash.done("The key " + key.name() + " is kept. New requests offer it."));
            return Html.seeOther("/keys");
        } catch (ProblemException e) {
            return page(form.refuse(e));
        }
    }

    @POST
    @Path("{id}/delete")
    public Response delete(@PathParam("id") UUID id) {
        keys.delete(chrome.personal("keys"), id);
        chrome.say(Flash.done("The key is forgotten. Machines that have it already keep it."));
        return Html.seeOther("/keys");
    }

    private Response page(Form form) {
        return Html.page(form.status(), Templates.keys(keys.list(chrome.personal("keys")), form));
    }
}
