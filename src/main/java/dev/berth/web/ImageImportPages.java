package dev.berth.web;

import dev.berth.catalog.ImageImport;
import dev.berth.catalog.ImageImports;
import dev.berth.common.ProblemException;
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
import java.util.UUID;

/** The part of the image library's page that is about images on other hosts, for admins. */
@Path("/admin/image-imports")
@Authenticated
public class ImageImportPages {
    /** Images that are fetched from other hosts, and the form that asks for one. */
    public record Web(boolean on, boolean signed, List<ImageImport> imports, Form form) {
        static Web of(ImageImports imports, Caller caller, Form form) {
            return new Web(imports.on(), imports.signed(), imports.list(caller), form);
        }

        /** Whether anything is under way. */
        public boolean changing() {
            return imports.stream().anyMatch(one -> one.state().open());
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance images$imports(Web web);
    }

    private final Chrome chrome;
    private final ImagePages page;
    private final ImageImports imports;

    ImageImportPages(Chrome chrome, ImagePages page, ImageImports imports) {
        this.chrome = chrome;
        this.page = page;
        this.imports = imports;
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response fetch(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("images");
        Form form = Form.of(sent);
        try {
            ImageImport begun = imports.start(
                    caller,
                    new ImageImports.Wish(
                            ImagePages.draft(form),
                            form.value("url").strip(),
                            form.value("digest").strip(),
                            form.value("digestUrl").strip(),
                            form.value("signatureUrl").strip()));
            chrome.say(Flash.done(begun.name() + " is being fetched. This page shows how far it is."));
            return Html.seeOther("/admin/images");
        } catch (ProblemException e) {
            return page.page(Form.empty(), Form.empty(), form.refuse(e));
        }
    }

    @POST
    @Path("{id}/cancel")
    public Response cancel(@PathParam("id") UUID id) {
        try {
            chrome.say(Flash.done(imports.cancel(chrome.admin("images"), id).name() + " is no longer fetched."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/admin/images");
    }

    /** The part that changes while images are fetched. */
    @GET
    @Path("now")
    public Response now() {
        return Html.page(Templates.images$imports(Web.of(imports, chrome.admin("images"), Form.empty())));
    }
}
