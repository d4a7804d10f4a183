package dev.berth.web;

import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.machines.BootTest;
import dev.berth.machines.BootTests;
import dev.berth.machines.MachineFigures;
import dev.berth.security.Caller;
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

/** One revision of a template: its passport, what was made from it, its boot tests, and its life. */
@Path("/admin/templates/{slug}/revisions/{number}")
@Authenticated
public class RevisionPages {
    private static final int NAMED = 12;

    /**
     * What the page shows.
     *
     * @param made what was made from it
     * @param tests newest first
     */
    public record Passport(Template template, Revision revision, MachineFigures.Made made, List<BootTest> tests) {
        public String url() {
            return "/admin/templates/" + template.slug() + "/revisions/" + revision.number();
        }

        /** The last test that ended well, or null. */
        public BootTest passed() {
            return tests.stream()
                    .filter(test -> test.state() == BootTest.State.PASSED)
                    .findFirst()
                    .orElse(null);
        }

        public boolean testing() {
            return tests.stream().anyMatch(BootTest::running);
        }

        public boolean approvable() {
            return revision.state() != RevisionState.APPROVED && revision.state() != RevisionState.RETIRED;
        }

        public boolean retired() {
            return revision.state() == RevisionState.RETIRED;
        }
    }

    @CheckedTemplate(basePath = "pages")
    static class Views {
        static native TemplateInstance revision(Passport passport, Form form);

        static native TemplateInstance revision$now(Passport passport);
    }

    private final Chrome chrome;
    private final Templates templates;
    private final BootTests bootTests;
    private final MachineFigures figures;

    RevisionPages(Chrome chrome, Templates templates, BootTests bootTests, MachineFigures figures) {
        this.chrome = chrome;
        this.templates = templates;
        this.bootTests = bootTests;
        this.figures = figures;
    }

    @GET
    public Response revision(@PathParam("slug") String slug, @PathParam("number") int number) {
        return Html.page(Views.revision(passport(slug, number), fresh()));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("slug") String slug, @PathParam("number") int number) {
        return Html.page(Views.revision$now(passport(slug, number)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setState(
            @PathParam("slug") String slug, @PathParam("number") int number, @FormParam("state") String word) {
        Caller caller = chrome.admin("templates");
        RevisionState state = Arrays.stream(RevisionState.values())
                .filter(one -> one.name().equals(word))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid("state", "Choose one of the buttons."));
        try {
            templates.setState(caller, slug, number, state);
            chrome.say(Flash.done("Revision " + number + " is now "
                    + state.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + "."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/admin/templates/" + slug);
    }

    @POST
    @Path("boot-tests")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response test(
            @PathParam("slug") String slug, @PathParam("number") int number, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("templates");
        Form form = Form.of(sent);
        try {
            bootTests.start(
                    caller,
                    slug,
                    number,
                    new BootTests.Wish(
                            form.value("tenant"),
                            form.value("size"),
                            form.value("network"),
                            form.value("storage"),
                            form.has("approves", "yes"),
                            form.has("measures", "yes")));
            chrome.say(Flash.done("A machine is being made from the revision. It is deleted when its guest was seen."));
            return Html.seeOther("/admin/templates/" + slug + "/revisions/" + number);
        } catch (ProblemException e) {
            form.refuse(e);
            return Html.page(form.status(), Views.revision(passport(slug, number), form));
        }
    }

    private Form fresh() {
        return Form.empty()
                .with("tenant", chrome.tenant() == null ? "" : chrome.tenant().slug());
    }

    private Passport passport(String slug, int number) {
        Caller caller = chrome.admin("templates");
        Template template = templates.get(caller, slug);
        Revision revision = template.revisions().stream()
                .filter(one -> one.number() == number)
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("revision"));
        return new Passport(
                template,
                revision,
                figures.madeFrom(caller, revision.id(), NAMED),
                bootTests.list(caller, revision.id()));
    }
}
