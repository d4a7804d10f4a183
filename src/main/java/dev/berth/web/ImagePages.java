package dev.berth.web;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageChecks;
import dev.berth.catalog.ImageImports;
import dev.berth.catalog.ImageRemoval;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.ImageUse;
import dev.berth.catalog.Images;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** The image library, for admins. */
@Path("/admin/images")
@Authenticated
public class ImagePages {
    /** One image, and what stands on it. */
    public record Sheet(Image image, List<ImageUse.Dependents> dependents) {
        public String url() {
            return "/admin/images/" + image.name();
        }

        /** Whether there is nothing in the way of removing it. */
        public boolean removable() {
            return dependents.isEmpty()
                    && (image.state() == ImageState.RETIRED || image.state() == ImageState.QUARANTINED);
        }

        /** How many of those that are named run now. */
        public long running() {
            return dependents.stream()
                    .flatMap(kind -> kind.first().stream())
                    .filter(ImageUse.Dependent::running)
                    .count();
        }

        /** Where one of them is. */
        public String url(ImageUse.Kind kind, ImageUse.Dependent one) {
            return switch (kind) {
                case MACHINE -> "/t/" + one.place() + "/machines/" + one.id();
                case REQUEST -> "/t/" + one.place() + "/requests/" + one.id();
                case REVISION -> "/admin/templates/" + one.place();
                case DISK -> "/admin/images";
            };
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance images(
                List<Image> images, List<String> files, Form upload, Form copy, ImageImportPages.Web web);

        static native TemplateInstance image(Sheet sheet);

        static native TemplateInstance image$now(Sheet sheet);

        static native TemplateInstance imageRemove(Sheet sheet, Form form);
    }

    private final Chrome chrome;
    private final Images images;
    private final ImageChecks checks;
    private final ImageRemoval removal;
    private final ImageImports imports;

    ImagePages(Chrome chrome, Images images, ImageChecks checks, ImageRemoval removal, ImageImports imports) {
        this.chrome = chrome;
        this.images = images;
        this.checks = checks;
        this.removal = removal;
        this.imports = imports;
    }

    @GET
    public Response list() {
        return page(Form.empty(), Form.empty(), Form.empty());
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public Response upload(
            @RestForm String name,
            @RestForm String description,
            @RestForm String format,
            @RestForm FileUpload file,
            @HeaderParam("X-Berth-Upload") String scripted) {
        Caller caller = chrome.admin("images");
        Form form = Form.empty()
                .with("name", text(name))
                .with("description", text(description))
                .with("format", text(format));
        if (file == null || file.size() == 0) {
            return page(form.refuse("file", "Choose the file to upload."), Form.empty(), Form.empty());
        }
        try {
            Response done = done(images.importUpload(caller, draft(form), file.uploadedFile()));
            // The script that sent it would follow a redirect by itself and so use up the message.
            return scripted == null ? done : Response.noContent().build();
        } catch (ProblemException e) {
            return page(form.refuse(e), Form.empty(), Form.empty());
        }
    }

    @POST
    @Path("import")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response importFile(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("images");
        Form form = Form.of(sent);
        try {
            return done(images.importFile(caller, draft(form), form.value("file")));
        } catch (ProblemException e) {
            return page(Form.empty(), form.refuse(e), Form.empty());
        }
    }

    @POST
    @Path("{name}/retire")
    public Response retire(@PathParam("name") String name) {
        images.retire(chrome.admin("images"), name);
        chrome.say(Flash.done(name + " is retired: no new revision may use it. Machines that have it keep it."));
        return Html.seeOther("/admin/images/" + name);
    }

    @GET
    @Path("{name}")
    public Response show(@PathParam("name") String name) {
        return Html.page(Templates.image(sheet(name)));
    }

    /** The part that changes. */
    @GET
    @Path("{name}/now")
    public Response now(@PathParam("name") String name) {
        return Html.page(Templates.image$now(sheet(name)));
    }

    @POST
    @Path("{name}/check")
    public Response check(@PathParam("name") String name) {
        checks.check(chrome.admin("images"), name);
        chrome.say(Flash.done("A worker reads the whole file. What it finds shows up below by itself."));
        return Html.seeOther("/admin/images/" + name);
    }

    @POST
    @Path("{name}/release")
    public Response release(@PathParam("name") String name) {
        try {
            checks.release(chrome.admin("images"), name);
            chrome.say(Flash.done(name + " is trusted again: machines start from it."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/admin/images/" + name);
    }

    @GET
    @Path("{name}/remove")
    public Response remove(@PathParam("name") String name) {
        return Html.page(Templates.imageRemove(sheet(name), Form.empty()));
    }

    @POST
    @Path("{name}/remove")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response removeNow(@PathParam("name") String name, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("images");
        Form form = Form.of(sent);
        try {
            if (!form.value("confirm").strip().equals(name)) {
                throw ProblemException.invalid("confirm", "Type " + name + " to confirm.");
            }
            removal.remove(caller, name);
            chrome.say(Flash.done(name + " is removed and its file deleted."));
            return Html.seeOther("/admin/images");
        } catch (ProblemException e) {
            form.refuse(e);
            return Html.page(form.status(), Templates.imageRemove(sheet(name), form));
        }
    }

    private Sheet sheet(String name) {
        Caller caller = chrome.admin("images");
        return new Sheet(images.get(name), removal.dependents(caller, name));
    }

    private Response done(Image image) {
        chrome.say(Flash.done(
                image.name() + " is checked and in the library. A template's revision can use it from now on."));
        return Html.seeOther("/admin/images");
    }

    Response page(Form upload, Form copy, Form fetch) {
        Caller caller = chrome.admin("images");
        return Html.page(
                Math.max(Math.max(upload.status(), copy.status()), fetch.status()),
                Templates.images(
                        images.list(),
                        images.importable(),
                        upload,
                        copy,
                        ImageImportPages.Web.of(imports, caller, fetch)));
    }

    static Images.Draft draft(Form form) {
        return new Images.Draft(form.value("name").strip(), form.value("description"), form.value("format"));
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
