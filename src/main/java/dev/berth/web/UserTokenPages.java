package dev.berth.web;

import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.tenancy.Accounts;
import dev.berth.tenancy.Tokens;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;

/** A user's tokens for programs, for admins. */
@Path("/admin/users/{username}/tokens")
@Authenticated
public class UserTokenPages {
    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance userTokens(User user, List<Tokens.Shown> tokens, String base);
    }

    private final Chrome chrome;
    private final Accounts accounts;
    private final Tokens tokens;

    UserTokenPages(Chrome chrome, Accounts accounts, Tokens tokens) {
        this.chrome = chrome;
        this.accounts = accounts;
        this.tokens = tokens;
    }

    @GET
    public Response list(@PathParam("username") String username) {
        Caller caller = chrome.admin("users");
        User user = accounts.get(caller, username);
        return Html.page(Templates.userTokens(user, tokens.list(caller, username), base(user)));
    }

    @POST
    @Path("{id}/revoke")
    public Response revoke(@PathParam("username") String username, @PathParam("id") UUID id) {
        Caller caller = chrome.admin("users");
        User user = accounts.get(caller, username);
        tokens.revoke(caller, username, id);
        chrome.say(Flash.done("The token opens nothing any more."));
        return Html.seeOther(base(user));
    }

    private static String base(User user) {
        return "/admin/users/" + user.username() + "/tokens";
    }
}
