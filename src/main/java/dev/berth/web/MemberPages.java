package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.notices.MailConfig;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.Invitation;
import dev.berth.tenancy.Invitations;
import dev.berth.tenancy.Member;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** Who belongs to a tenant; its owners and admins change it here. */
@Path("/t/{tenant}/members")
@Authenticated
public class MemberPages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance members(
                Tenant tenant,
                List<Member> members,
                boolean mayChange,
                List<Invitation> invitations,
                boolean mailed,
                Form form);
    }

    private final Chrome chrome;
    private final Members members;
    private final Invitations invitations;
    private final MailConfig mail;

    MemberPages(Chrome chrome, Members members, Invitations invitations, MailConfig mail) {
        this.chrome = chrome;
        this.members = members;
        this.invitations = invitations;
        this.mail = mail;
    }

    @GET
    public Response list(@PathParam("tenant") String slug) {
        return page(chrome.enter(slug, "members"), Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response add(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "members");
        Form form = Form.of(sent);
        try {
            Member added =
                    members.add(chrome.caller(), tenant, form.value("username").strip(), role(form.value("role")));
            chrome.say(Flash.done(added.user().displayName() + " belongs to " + tenant.name() + " from now on."));
            return back(tenant);
        } catch (ProblemException e) {
            Html.requireTheirs(e);
            return page(tenant, form.refuse(e));
        }
    }

    @POST
    @Path("invitations")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response invite(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        Tenant tenant = chrome.enter(slug, "members");
        Form form = Form.of(sent);
        try {
            Invitations.Invited invited =
                    invitations.invite(chrome.caller(), tenant, form.value("email"), role(form.value("role")));
            chrome.say(Flash.done(invited.member()
                    .map(member -> member.user().displayName() + " belongs to " + tenant.name() + " from now on.")
                    .orElse("Invited. They belong to " + tenant.name() + " once they sign in here.")));
            return back(tenant);
        } catch (ProblemException e) {
            return page(tenant, form.refuse(e));
        }
    }

    @POST
    @Path("invitations/{id}/withdraw")
    public Response withdraw(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        Tenant tenant = chrome.enter(slug, "members");
        invitations.withdraw(chrome.caller(), tenant, id);
        chrome.say(Flash.done("The invitation is withdrawn."));
        return back(tenant);
    }

    @POST
    @Path("{username}/role")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setRole(
            @PathParam("tenant") String slug, @PathParam("username") String username, @FormParam("role") String word) {
        Tenant tenant = chrome.enter(slug, "members");
        try {
            Member member = members.setRole(chrome.caller(), tenant, username, role(word));
            chrome.say(Flash.done(member.user().displayName() + " is now "
                    + (member.role() == TenantRole.OWNER ? "an owner." : "a member.")));
        } catch (ProblemException e) {
            Html.requireTheirs(e);
            chrome.say(Flash.failed(e.getMessage()));
        }
        return back(tenant);
    }

    @POST
    @Path("{username}/remove")
    public Response remove(@PathParam("tenant") String slug, @PathParam("username") String username) {
        Tenant tenant = chrome.enter(slug, "members");
        try {
            members.remove(chrome.caller(), tenant, username);
            chrome.say(Flash.done(username + " no longer belongs to " + tenant.name() + "."));
        } catch (ProblemException e) {
            Html.requireTheirs(e);
            chrome.say(Flash.failed(e.getMessage()));
            return back(tenant);
        }
        // Whoever left by themselves has no page here any more.
        boolean outside =
                username.equals(chrome.caller().username()) && !chrome.caller().admin();
        return outside ? Html.seeOther("/") : back(tenant);
    }

    private static TenantRole role(String word) {
        return Arrays.stream(TenantRole.values())
                .filter(one -> one.name().equals(word))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid("role", "Choose member or owner."));
    }

    private static Response back(Tenant tenant) {
        return Html.seeOther("/t/" + tenant.slug() + "/members");
    }

    private Response page(Tenant tenant, Form form) {
        boolean mayChange = members.mayChange(chrome.caller(), tenant);
        return Html.page(
                form.status(),
                Templates.members(
                        tenant,
                        members.list(chrome.caller(), tenant),
                        mayChange,
                        mayChange && !chrome.local() ? invitations.list(chrome.caller(), tenant) : List.of(),
                        mail.on(),
                        form));
    }
}
