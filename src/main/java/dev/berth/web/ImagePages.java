package dev.berth.web;

import dev.berth.catalog.Image;
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
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance images(List<Image> images, List<String> files, Form upload, Form copy);
    }

    private final Chrome chrome;
    private final Images images;

    ImagePages(Chrome chrome, Images images) {
        this.chrome = chrome;
        this.images = images;
    }

    @GET
    public Response list() {
        return page(Form.empty(), Form.empty());
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
            return page(form.refuse("file", "Choose the file to upload."), Form.empty());
        }
        try {
            Response done = done(images.importUpload(caller, draft(form), file.uploadedFile()));
            // The script that sent it would follow a redirect by itself and so use up the message.
            return scripted == null ? done : Response.noContent().build();
        } catch (ProblemException e) {
            return page(form.refuse(e), Form.empty());
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
            return page(Form.empty(), form.refuse(e));
        }
    }

    @POST
    @Path("{name}/retire")
    public Response retire(@PathParam("name") String name) {
        images.retire(chrome.admin("images"), name);
        chrome.say(Flash.done(name + " is retired: no new revision may use it. Machines that have it keep it."));
        return Html.seeOther("/admin/images");
    }

    private Response done(Image image) {
        chrome.say(Flash.done(
                image.name() + " is checked and in the library. A template's revision can use it from now on."));
        return Html.seeOther("/admin/images");
    }

    private Response page(Form upload, Form copy) {
        chrome.admin("images");
        return Html.page(
                Math.max(upload.status(), copy.status()),
                Templates.images(images.list(), images.importable(), upload, copy));
    }

    private static Images.Draft draft(Form form) {
        return new Images.Draft(form.value("name").strip(), form.value("description"), form.value("format"));
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
