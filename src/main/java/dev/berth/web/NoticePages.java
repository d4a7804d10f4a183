package dev.berth.web;

import dev.berth.common.Page;
import dev.berth.notices.Notices;
import dev.berth.notices.Told;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;

/** What the person who is signed in was told. */
@Path("/notices")
@Authenticated
public class NoticePages {
    private static final int ROWS = 30;

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance notices(List<Told> notices, String next, boolean unread);

        static native TemplateInstance bell();
    }

    private final Chrome chrome;
    private final Notices notices;

    NoticePages(Chrome chrome, Notices notices) {
        this.chrome = chrome;
        this.notices = notices;
    }

    @GET
    public Response list(@QueryParam("unread") boolean unread, @QueryParam("cursor") String cursor) {
        Page<Told> page = notices.list(chrome.personal("notices"), unread, ROWS, cursor);
        return Html.page(Templates.notices(page.items(), page.next(), unread));
    }

    /** The bell with its number, fetched anew when it changes. */
    @GET
    @Path("bell")
    public Response bell() {
        return Html.page(Templates.bell());
    }

    /** Leads to what it is about, and is read from then on. */
    @POST
    @Path("{id}/open")
    public Response open(@PathParam("id") UUID id) {
        return Html.seeOther(
                Back.to(notices.read(chrome.personal("notices"), id).path(), "/notices"));
    }

    @POST
    @Path("{id}/read")
    public Response read(@PathParam("id") UUID id, @FormParam("back") String back) {
        notices.read(chrome.personal("notices"), id);
        return Html.seeOther(Back.to(back, "/notices"));
    }

    @POST
    @Path("read-all")
    public Response readAll() {
        notices.readAll(chrome.personal("notices"));
        return Html.seeOther("/notices");
    }
}
