package dev.berth.web;

import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;

/** The way in: the front door, the login page, and the switch of the theme. */
@Path("/")
public class HomePages {
    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance login(String error);

        static native TemplateInstance noTenant();
    }

    private final Chrome chrome;

    HomePages(Chrome chrome) {
        this.chrome = chrome;
    }

    /** To the dashboard of the tenant last visited. */
    @GET
    @Authenticated
    public Response home() {
        Tenant tenant = chrome.tenant();
        if (tenant != null) {
            return Html.seeOther("/t/" + tenant.slug());
        }
        return chrome.admin() ? Html.seeOther("/admin/tenants") : Html.page(Templates.noTenant());
    }

    @GET
    @Path("login")
    @PermitAll
    public Response login(@QueryParam("error") String error) {
        return chrome.signedIn() ? Html.seeOther("/") : Html.page(Templates.login(error == null ? "" : error));
    }

    @POST
    @Path("theme")
    @PermitAll
    public Response theme(@FormParam("theme") String theme, @FormParam("back") String back) {
        chrome.rememberTheme(theme);
        return Html.seeOther(Back.to(back, "/"));
    }
}
