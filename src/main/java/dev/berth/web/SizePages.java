package dev.berth.web;

import dev.berth.catalog.Size;
import dev.berth.catalog.Sizes;
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

/** The sizes that templates may offer, for admins. */
@Path("/admin/sizes")
@Authenticated
public class SizePages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance sizes(List<Size> sizes, Form form);
    }

    private final Chrome chrome;
    private final Sizes sizes;

    SizePages(Chrome chrome, Sizes sizes) {
        this.chrome = chrome;
        this.sizes = sizes;
    }

    @GET
    public Response list() {
        return page(Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("sizes");
        Form form = Form.of(sent);
        try {
            Size size = sizes.create(
                    caller,
                    form.value("slug").strip(),
                    form.value("name").strip(),
                    form.integer("vcpus"),
                    form.number("memoryMib"),
                    form.number("diskGib"));
            chrome.say(Flash.done(size.name() + " is there. New revisions can offer it."));
            return Html.seeOther("/admin/sizes");
        } catch (ProblemException e) {
            return page(form.refuse(e));
        }
    }

    @POST
    @Path("{slug}/retire")
    public Response retire(@PathParam("slug") String slug) {
        Size size = sizes.retire(chrome.admin("sizes"), slug);
        chrome.say(Flash.done(size.name() + " is retired: nobody can ask for it any more."));
        return Html.seeOther("/admin/sizes");
    }

    private Response page(Form form) {
        chrome.admin("sizes");
        return Html.page(form.status(), Templates.sizes(sizes.list(), form));
    }
}
