package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** The account of the person who is signed in: who they are, where they belong, their password. */
@Path("/account")
@Authenticated
public class AccountPages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance account(User user, Map<Tenant, TenantRole> tenants, Form form);
    }

    private final Chrome chrome;
    private final Users users;
    private final Tenants tenants;
    private final Accounts accounts;

    AccountPages(Chrome chrome, Users users, Tenants tenants, Accounts accounts) {
        this.chrome = chrome;
        this.users = users;
        this.tenants = tenants;
        this.accounts = accounts;
    }

    @GET
    public Response account() {
        return page(Form.empty());
    }

    @POST
    @Path("password")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response changePassword(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.personal("account");
        Form form = Form.of(sent);
        try {
            if (!form.value("password").equals(form.value("again"))) {
                throw ProblemException.invalid("again", "This is not the same as above. Type both once more.");
            }
            accounts.changePassword(caller, form.value("current"), form.value("password"));
            chrome.say(Flash.done("Your password is changed."));
            return Html.seeOther("/account");
        } catch (ProblemException e) {
            return page(form.refuse(e));
        }
    }

    private Response page(Form form) {
        User user = users.find(chrome.personal("account").username()).orElseThrow();
        return Html.page(form.status(), Templates.account(user, tenants.of(user), form));
    }
}
