package dev.berth.web;

import dev.berth.security.ProviderLogout;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
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

        static native TemplateInstance loginElsewhere(String error);

        static native TemplateInstance signedOut(String next);

        static native TemplateInstance noTenant();
    }

    private final Chrome chrome;
    private final ProviderLogout provider;
    private final SecurityIdentity identity;
    private final CurrentVertxRequest request;

    HomePages(Chrome chrome, ProviderLogout provider, SecurityIdentity identity, CurrentVertxRequest request) {
        this.chrome = chrome;
        this.provider = provider;
        this.identity = identity;
        this.request = request;
    }

    /** To the dashboard of the tenant last visited. */
    @GET
    @Authenticated
    public Response home() {
        Tenant tenant = chrome.tenant();
        if (tenant != null) {
            return Html.seeOther("/t/" + tenant.slug());
        }
        return chrome.seesAll() ? Html.seeOther("/admin/tenants") : Html.page(Templates.noTenant());
    }

    @GET
    @Path("login")
    @PermitAll
    public Response login(@QueryParam("error") String error) {
        if (chrome.signedIn()) {
            return Html.seeOther("/");
        }
        String why = error == null ? "" : error;
        return Html.page(chrome.local() ? Templates.login(why) : Templates.loginElsewhere(why));
    }

    /** Whoever comes back from the identity provider goes on to where they wanted to; this is for those who did not say. */
    @GET
    @Path("login/done")
    @Authenticated
    public Response done() {
        return Html.seeOther("/");
    }

    /** Out of here, and then out of the identity provider; a form's answer may not lead there itself. */
    @POST
    @Path("logout")
    @Authenticated
    public Response logout() {
        return Html.page(Templates.signedOut(
                provider.leave(identity, request.getCurrent()).orElse("")));
    }

    @GET
    @Path("signed-out")
    @PermitAll
    public Response signedOut() {
        return Html.page(Templates.signedOut(""));
    }

    @POST
    @Path("theme")
    @PermitAll
    public Response theme(@FormParam("theme") String theme, @FormParam("back") String back) {
        chrome.rememberTheme(theme);
        return Html.seeOther(Back.to(back, "/"));
    }
}
