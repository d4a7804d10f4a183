package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.Scope;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tokens;
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
import java.util.UUID;

/** A person's own tokens for programs. */
@Path(TokenPages.MINE)
@Authenticated
public class TokenPages {
    static final String MINE = "/account/tokens";

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance tokens(
                List<Tokens.Shown> tokens,
                List<Scope> scopes,
                List<Tenant> teams,
                String longest,
                String made,
                String text,
                Form form);
    }

    private final Chrome chrome;
    private final Callers callers;
    private final Tokens tokens;
    private final Words words;

    TokenPages(Chrome chrome, Callers callers, Tokens tokens, Words words) {
        this.chrome = chrome;
        this.callers = callers;
        this.tokens = tokens;
        this.words = words;
    }

    @GET
    public Response list() {
        return page(Form.empty().with("days", tokens.days()), null);
    }

    /** The text is on the answer to this alone: only its digest is kept. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.personal("tokens");
        Form form = Form.of(sent);
        try {
            Tokens.Made made = tokens.create(
                    caller,
                    new Tokens.Draft(
                            form.value("name").strip(),
                            form.values("scopes"),
                            form.value("tenant"),
                            form.integer("days")));
            return page(Form.empty().with("days", tokens.days()), made);
        } catch (ProblemException e) {
            return page(form.refuse(e), null);
        }
    }

    @POST
    @Path("{id}/revoke")
    public Response revoke(@PathParam("id") UUID id) {
        tokens.revoke(chrome.personal("tokens"), id);
        chrome.say(Flash.done("The token opens nothing any more."));
        return Html.seeOther(MINE);
    }

    /** @param made the token that was made just now, or null */
    private Response page(Form form, Tokens.Made made) {
        Caller caller = chrome.personal("tokens");
        return Html.page(
                form.status(),
                Templates.tokens(
                        tokens.list(caller),
                        List.of(Scope.values()),
                        callers.tenants(),
                        words.count(tokens.longestDays(), "day"),
                        made == null ? "" : made.token().token().name(),
                        made == null ? "" : made.text(),
                        form));
    }
}
