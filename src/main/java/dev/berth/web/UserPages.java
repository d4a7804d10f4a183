package dev.berth.web;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.tenancy.Accounts;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/** Berth's own accounts, for admins. */
@Path("/admin/users")
@Authenticated
public class UserPages {
    private static final int ROWS = 50;

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance users(List<User> users, String next, String q, Form form);

        static native TemplateInstance user(User user, Map<Tenant, TenantRole> tenants, boolean self, Form form);
    }

    private final Chrome chrome;
    private final Accounts accounts;
    private final Tenants tenants;

    UserPages(Chrome chrome, Accounts accounts, Tenants tenants) {
        this.chrome = chrome;
        this.accounts = accounts;
        this.tenants = tenants;
    }

    @GET
    public Response list(@QueryParam("q") String q, @QueryParam("cursor") String cursor) {
        return listPage(q == null ? "" : q.strip(), cursor, Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("users");
        Form form = Form.of(sent);
        try {
            User user = accounts.create(
                    caller,
                    form.value("username").strip(),
                    form.value("displayName").strip(),
                    form.has("admin", "true"),
                    form.has("auditor", "true"),
                    form.value("password"));
            chrome.say(Flash.done(user.displayName() + " can sign in as " + user.username()
                    + ". Add them to a team on the team's page of members."));
            return Html.seeOther("/admin/users");
        } catch (ProblemException e) {
            return listPage("", null, form.refuse(e));
        }
    }

    @GET
    @Path("{username}")
    public Response user(@PathParam("username") String username) {
        return userPage(username, Form.empty());
    }

    @POST
    @Path("{username}/password")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setPassword(@PathParam("username") String username, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("users");
        Form form = Form.of(sent);
        try {
            accounts.setPassword(caller, username, form.value("password"));
            chrome.say(Flash.done("The new password of " + username + " is set. Tell them by a safe way."));
            return Html.seeOther("/admin/users/" + username);
        } catch (ProblemException e) {
            return userPage(username, form.refuse(e));
        }
    }

    @POST
    @Path("{username}/roles")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setRoles(@PathParam("username") String username, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("users");
        Form form = Form.of(sent);
        try {
            accounts.setRoles(caller, username, form.has("admin", "true"), form.has("auditor", "true"));
            chrome.say(Flash.done("What " + username + " may do is set."));
            return Html.seeOther("/admin/users/" + username);
        } catch (ProblemException e) {
            return userPage(username, form.refuse(e));
        }
    }

    @POST
    @Path("{username}/email")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setEmail(@PathParam("username") String username, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("users");
        Form form = Form.of(sent);
        try {
            accounts.setEmail(caller, username, form.value("email").strip());
            chrome.say(Flash.done("The mail address of " + username + " is set."));
            return Html.seeOther("/admin/users/" + username);
        } catch (ProblemException e) {
            return userPage(username, form.refuse(e));
        }
    }

    @POST
    @Path("{username}/disable")
    public Response disable(@PathParam("username") String username) {
        return setDisabled(username, true, " is disabled and can do nothing any more.");
    }

    @POST
    @Path("{username}/enable")
    public Response enable(@PathParam("username") String username) {
        return setDisabled(username, false, " can sign in again.");
    }

    private Response setDisabled(String username, boolean disabled, String done) {
        Caller caller = chrome.admin("users");
        try {
            User user = accounts.setDisabled(caller, username, disabled);
            chrome.say(Flash.done(user.displayName() + done));
            return Html.seeOther("/admin/users/" + user.username());
        } catch (ProblemException e) {
            return userPage(username, Form.empty().refuse(e));
        }
    }

    private Response listPage(String q, String cursor, Form form) {
        Page<User> page = accounts.list(chrome.admin("users"), q, ROWS, cursor);
        return Html.page(form.status(), Templates.users(page.items(), page.next(), q, form));
    }

    private Response userPage(String username, Form form) {
        Caller caller = chrome.admin("users");
        User user = accounts.get(caller, username);
        boolean self = user.id().equals(caller.userId());
        if (!form.wrong("email")) {
            form.with("email", user.email());
        }
        return Html.page(form.status(), Templates.user(user, tenants.of(user), self, form));
    }
}
