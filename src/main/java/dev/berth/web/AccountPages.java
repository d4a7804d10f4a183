package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.Login;
import dev.berth.security.Logins;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Accounts;
import dev.berth.tenancy.CalendarFeeds;
import dev.berth.tenancy.Callers;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The account of the person who is signed in: who they are, where they belong, their password and calendar. */
@Path("/account")
@Authenticated
public class AccountPages {
    /**
     * Where the person is signed in.
     *
     * @param here whether it is the login at hand
     */
    public record Place(Login login, boolean here) {}

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance account(
                User user,
                Map<Tenant, TenantRole> tenants,
                Optional<CalendarFeeds.Feed> feed,
                String address,
                List<Place> places,
                Form form);
    }

    private final Chrome chrome;
    private final Callers callers;
    private final Logins logins;
    private final Users users;
    private final Tenants tenants;
    private final Accounts accounts;
    private final CalendarFeeds feeds;
    private final CalendarPages calendar;

    AccountPages(
            Chrome chrome,
            Callers callers,
            Logins logins,
            Users users,
            Tenants tenants,
            Accounts accounts,
            CalendarFeeds feeds,
            CalendarPages calendar) {
        this.chrome = chrome;
        this.callers = callers;
        this.logins = logins;
        this.users = users;
        this.tenants = tenants;
        this.accounts = accounts;
        this.feeds = feeds;
        this.calendar = calendar;
    }

    @GET
    public Response account() {
        return page(Form.empty(), "");
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
            accounts.changePassword(caller, callers.login(), form.value("current"), form.value("password"));
            chrome.say(
                    Flash.done("Your password is changed, and wherever else you were signed in, you no longer are."));
            return Html.seeOther("/account");
        } catch (ProblemException e) {
            return page(form.refuse(e), "");
        }
    }

    @POST
    @Path("logins/{login}/end")
    public Response signOut(@PathParam("login") String login) {
        logins.end(chrome.personal("account").userId(), login);
        chrome.say(Flash.done("You are signed out there."));
        return Html.seeOther("/account");
    }

    @POST
    @Path("logins/end-others")
    public Response signOutElsewhere() {
        logins.endOthers(chrome.personal("account").userId(), callers.login());
        chrome.say(Flash.done("You are signed in here alone."));
        return Html.seeOther("/account");
    }

    /** The address is on the answer to this alone: only what tells whether it is right is kept. */
    @POST
    @Path("calendar")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response makeCalendar(@Context UriInfo uri) {
        String token = feeds.make(chrome.personal("account"));
        return page(Form.empty(), calendar.address(token, uri));
    }

    @POST
    @Path("calendar/revoke")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response revokeCalendar() {
        feeds.revoke(chrome.personal("account"));
        chrome.say(Flash.done("The calendar's address opens nothing any more."));
        return Html.seeOther("/account");
    }

    /** @param address of the calendar that was just made, or empty */
    private Response page(Form form, String address) {
        Caller caller = chrome.personal("account");
        User user = users.find(caller.username()).orElseThrow();
        List<Place> places = logins.of(caller.userId()).stream()
                .map(login -> new Place(login, login.id().equals(callers.login())))
                .toList();
        return Html.page(
                form.status(), Templates.account(user, tenants.of(user), feeds.of(caller), address, places, form));
    }
}
