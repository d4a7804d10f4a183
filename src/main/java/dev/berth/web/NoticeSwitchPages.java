package dev.berth.web;

import dev.berth.common.Notice;
import dev.berth.common.ProblemException;
import dev.berth.notices.Channel;
import dev.berth.notices.EmailCodes;
import dev.berth.notices.Switches;
import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Accounts;
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
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the person who is signed in wants to be told of, and where their mail goes. */
@Path("/account/notices")
@Authenticated
public class NoticeSwitchPages {
    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance noticeSwitches(List<TopicRow> rows, boolean mailOn, User user, Form form);
    }

    private final Chrome chrome;
    private final Switches switches;
    private final Accounts accounts;
    private final Users users;
    private final EmailCodes codes;

    NoticeSwitchPages(Chrome chrome, Switches switches, Accounts accounts, Users users, EmailCodes codes) {
        this.chrome = chrome;
        this.switches = switches;
        this.accounts = accounts;
        this.users = users;
        this.codes = codes;
    }

    @GET
    public Response switches() {
        return page(Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response switches(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.personal("account");
        Form form = Form.of(sent);
        Map<Notice.Topic, Set<Channel>> on = new EnumMap<>(Notice.Topic.class);
        for (Notice.Topic topic : Notice.Topic.values()) {
            Set<Channel> channels = EnumSet.noneOf(Channel.class);
            if (form.has("bell", topic.name())) {
                channels.add(Channel.BELL);
            }
            if (form.has("mail", topic.name())) {
                channels.add(Channel.MAIL);
            }
            on.put(topic, channels);
        }
        switches.set(caller, on);
        chrome.say(Flash.done("Kept. It holds from the next notice on."));
        return Html.seeOther("/account/notices");
    }

    @POST
    @Path("email")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response email(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.personal("account");
        Form form = Form.of(sent);
        try {
            User user = accounts.setEmail(
                    caller, caller.username(), form.value("email").strip());
            if (user.email().isEmpty() || user.emailConfirmed() || !switches.mailOn()) {
                chrome.say(Flash.done("Your mail address is kept."));
                return Html.seeOther("/account/notices");
            }
            return sendCode();
        } catch (ProblemException e) {
            return page(form.refuse(e));
        }
    }

    @POST
    @Path("email/code")
    public Response sendCode() {
        Caller caller = chrome.personal("account");
        try {
            codes.send(caller);
            chrome.say(Flash.done("A mail with a code is under way. Type the code here to confirm your address."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/account/notices");
    }

    @POST
    @Path("email/confirm")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response confirm(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.personal("account");
        Form form = Form.of(sent);
        try {
            codes.confirm(caller, form.value("code"));
            chrome.say(Flash.done("Your mail address is confirmed."));
            return Html.seeOther("/account/notices");
        } catch (ProblemException e) {
            return page(form.refuse(e));
        }
    }

    private Response page(Form form) {
        Caller caller = chrome.personal("account");
        User user = users.find(caller.username()).orElseThrow();
        if (!form.wrong("email")) {
            form.with("email", user.email());
        }
        return Html.page(
                form.status(),
                Templates.noticeSwitches(TopicRow.all(switches.of(caller)), switches.mailOn(), user, form));
    }
}
