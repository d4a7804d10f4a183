package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.provisioning.StorageSecrets;
import dev.berth.security.Caller;
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
import java.util.stream.Collectors;

/** Giving hosts the secret of a storage profile. It is typed here and shown nowhere. */
@Path("/admin/storage/{slug}/secret")
@Authenticated
public class StorageSecretPages {
    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance profileSecret(Profile profile, Form form);
    }

    private final Chrome chrome;
    private final StorageProfiles profiles;
    private final StorageSecrets secrets;

    StorageSecretPages(Chrome chrome, StorageProfiles profiles, StorageSecrets secrets) {
        this.chrome = chrome;
        this.profiles = profiles;
        this.secrets = secrets;
    }

    @GET
    public Response show(@PathParam("slug") String slug) {
        return page(profiles.get(chrome.admin("storage"), slug), Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response keep(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("storage");
        try {
            List<StorageSecrets.Kept> kept = secrets.keep(caller, slug, sent.getFirst("secret"));
            chrome.say(flash(kept));
            return Html.seeOther("/admin/storage/" + slug);
        } catch (ProblemException e) {
            return page(profiles.get(caller, slug), Form.empty().refuse(e, field -> field));
        }
    }

    private static Flash flash(List<StorageSecrets.Kept> kept) {
        String missed = kept.stream()
                .filter(one -> !one.done())
                .map(one -> one.host() + ": " + one.problem())
                .collect(Collectors.joining(" "));
        return kept.isEmpty()
                ? Flash.failed("There is no host yet that could keep the secret. Enter it again when there is.")
                : missed.isEmpty()
                        ? Flash.done("The hosts have the secret. They are looking whether it lets them in.")
                        : Flash.partly("Not every host has the secret. " + missed);
    }

    private static Response page(Profile profile, Form form) {
        return Html.page(form.status(), Templates.profileSecret(profile, form));
    }
}
