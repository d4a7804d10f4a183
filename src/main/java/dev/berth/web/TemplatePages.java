package dev.berth.web;

import dev.berth.catalog.Boot;
import dev.berth.catalog.Image;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Policy;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Size;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
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
import java.util.Arrays;
import java.util.List;

/** Templates, their policy and their revisions, for admins. */
@Path("/admin/templates")
@Authenticated
public class TemplatePages {
    /** What a new revision can be made of. */
    public record Parts(List<Image> files, List<Size> sizes, List<Profile> networks, List<Profile> storage) {
        public boolean complete() {
            return !sizes.isEmpty() && !networks.isEmpty();
        }

        /** What disks can be made from. */
        public List<Image> images() {
            return files.stream().filter(Image::disk).toList();
        }

        public List<Image> kernels() {
            return files.stream().filter(file -> file.format().equals("kernel")).toList();
        }

        public List<Image> initrds() {
            return files.stream().filter(file -> file.format().equals("initrd")).toList();
        }
    }

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Views {
        static native TemplateInstance templates(List<Template> templates, Form form);

        static native TemplateInstance template(Template template, Parts parts, Form policy, Form draft);

        static native TemplateInstance revisionsCompared(RevisionComparison comparison);
    }

    private final Chrome chrome;
    private final Templates templates;
    private final Images images;
    private final Sizes sizes;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;

    TemplatePages(
            Chrome chrome,
            Templates templates,
            Images images,
            Sizes sizes,
            NetworkProfiles networks,
            StorageProfiles storage) {
        this.chrome = chrome;
        this.templates = templates;
        this.images = images;
        this.sizes = sizes;
        this.networks = networks;
        this.storage = storage;
    }

    @GET
    public Response list() {
        return listPage(policyForm(new Policy(2, 2_048, 20, 168, 2_160)));
    }

    private Response listPage(Form form) {
        return Html.page(form.status(), Views.templates(templates.list(chrome.admin("templates")), form));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("templates");
        Form form = Form.of(sent);
        try {
            Template template = templates.create(
                    caller,
                    form.value("slug").strip(),
                    form.value("name").strip(),
                    form.value("description"),
                    policy(form));
            chrome.say(Flash.done(template.name() + " is there. Add its first revision and approve it."));
            return Html.seeOther("/admin/templates/" + template.slug());
        } catch (ProblemException e) {
            return listPage(form.refuse(e));
        }
    }

    @GET
    @Path("{slug}")
    public Response template(@PathParam("slug") String slug) {
        Template template = templates.get(chrome.admin("templates"), slug);
        return page(template, policyForm(template.policy()), draftForm(template));
    }

    /** Mostly only the image changes: a new revision starts as the newest one. */
    private static Form draftForm(Template template) {
        Form form = Form.empty().with("boot", Boot.From.IMAGE);
        template.revisions().stream().findFirst().ifPresent(newest -> withBoot(form, newest.boot())
                .withAll("sizes", newest.sizes().stream().map(Size::slug).toList())
                .withAll(
                        "networks",
                        newest.networks().stream().map(Profile::slug).toList())
                .withAll(
                        "storage",
                        newest.allStorage().stream().map(Profile::slug).toList()));
        return form;
    }

    private static Form withBoot(Form form, Boot boot) {
        return form.with("boot", boot.from())
                .with("image", name(boot.image()))
                .with("kernel", name(boot.kernel()))
                .with("initrd", name(boot.initrd()))
                .with("commandLine", boot.commandLine());
    }

    private static String name(Image file) {
        return file == null ? "" : file.name();
    }

    private static Templates.BootDraft boot(Form form) {
        Boot.From from = Arrays.stream(Boot.From.values())
                .filter(one -> one.name().equals(form.value("boot")))
                .findFirst()
                .orElse(Boot.From.IMAGE);
        return new Templates.BootDraft(
                from, form.value("image"), form.value("kernel"), form.value("initrd"), form.value("commandLine"));
    }

    @POST
    @Path("{slug}/policy")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setPolicy(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("templates");
        Form form = Form.of(sent);
        try {
            templates.setPolicy(caller, slug, policy(form));
            chrome.say(Flash.done("The policy is set. It holds for requests from now on."));
            return Html.seeOther("/admin/templates/" + slug);
        } catch (ProblemException e) {
            return page(templates.get(caller, slug), form.refuse(e), draftForm(templates.get(caller, slug)));
        }
    }

    @POST
    @Path("{slug}/revisions")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response revise(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("templates");
        Form form = Form.of(sent);
        try {
            var revision = templates.revise(
                    caller,
                    slug,
                    new Templates.RevisionDraft(
                            boot(form),
                            form.values("sizes"),
                            form.values("networks"),
                            form.values("storage"),
                            form.value("notes")));
            chrome.say(Flash.done("Revision " + revision.number() + " is a draft. Approve it to offer it."));
            return Html.seeOther("/admin/templates/" + slug);
        } catch (ProblemException e) {
            Template template = templates.get(caller, slug);
            return page(template, policyForm(template.policy()), form.refuse(e));
        }
    }

    /** Two revisions side by side: by themselves the newest and the one on offer. */
    @GET
    @Path("{slug}/compare")
    public Response compare(
            @PathParam("slug") String slug, @QueryParam("one") Integer one, @QueryParam("other") Integer other) {
        Template template = templates.get(chrome.admin("templates"), slug);
        return Html.page(Views.revisionsCompared(RevisionComparison.of(template, one, other)));
    }

    private Response page(Template template, Form policy, Form draft) {
        Parts parts = new Parts(
                images.list().stream()
                        .filter(image -> image.state() == ImageState.READY)
                        .toList(),
                sizes.list().stream().filter(size -> !size.retired()).toList(),
                networks.list().stream().filter(profile -> !profile.retired()).toList(),
                storage.list().stream().filter(profile -> !profile.retired()).toList());
        return Html.page(Math.max(policy.status(), draft.status()), Views.template(template, parts, policy, draft));
    }

    private static Policy policy(Form form) {
        return new Policy(
                form.integer("maxVcpus"),
                form.number("maxMemoryMib"),
                form.number("maxDiskGib"),
                form.integer("maxLeaseHours"),
                form.integer("longestLeaseHours"));
    }

    private static Form policyForm(Policy policy) {
        return Form.empty()
                .with("maxVcpus", policy.maxVcpus())
                .with("maxMemoryMib", policy.maxMemoryMib())
                .with("maxDiskGib", policy.maxDiskGib())
                .with("maxLeaseHours", policy.maxLeaseHours())
                .with("longestLeaseHours", policy.longestLeaseHours());
    }
}
