package dev.berth.api;

import dev.berth.api.TemplateView.RevisionView;
import dev.berth.catalog.Boot;
import dev.berth.catalog.Policy;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.BootTest;
import dev.berth.machines.BootTests;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Templates, their policies and their revisions. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class TemplateResource {
    private static final int DEFAULT_LONGEST_LEASE_HOURS = 720;

    /** Up to where a request passes by itself, and how long a lease may be at all. */
    public record NewPolicy(
            @Schema(required = true, examples = "2") Integer maxVcpus,
            @Schema(required = true, examples = "2048") Long maxMemoryMib,
            @Schema(required = true, examples = "20") Long maxDiskGib,
            @Schema(required = true, examples = "72") Integer maxLeaseHours,
            @Schema(description = "The longest lease anybody can ask for.", defaultValue = "720")
                    Integer longestLeaseHours) {
        Policy policy() {
            int byItself = maxLeaseHours == null ? -1 : maxLeaseHours;
            return new Policy(
                    maxVcpus == null ? -1 : maxVcpus,
                    maxMemoryMib == null ? -1 : maxMemoryMib,
                    maxDiskGib == null ? -1 : maxDiskGib,
                    byItself,
                    longestLeaseHours == null ? Math.max(DEFAULT_LONGEST_LEASE_HOURS, byItself) : longestLeaseHours);
        }
    }

    /** A template without any revision yet. */
    public record NewTemplate(
            @Schema(required = true, examples = "debian-12") String slug,
            @Schema(required = true, examples = "Debian 12") String name,
            String description,
            @Schema(required = true) NewPolicy policy) {}

    /** What a revision is made of, by name. */
    public record NewRevision(
            @Schema(
                            description =
                                    "What machines start from: a disk made from `image`; or, without a disk, `kernel` with"
                                            + " `initrd`, or a boot server on their network.",
                            enumeration = {"image", "kernel", "network"},
                            defaultValue = "image")
                    String boot,
            @Schema(description = "For boot: image.", examples = "debian-12-20261101") String image,
            @Schema(description = "For boot: kernel.", examples = "live-6.1") String kernel,
            @Schema(description = "May be left out.", examples = "live-6.1-initrd") String initrd,
            @Schema(description = "The kernel's command line.", examples = "console=ttyS0") String commandLine,
            @Schema(required = true, examples = "[\"small\",\"medium\"]") List<String> sizes,
            @Schema(required = true, examples = "[\"nat\"]") List<String> networks,
            @Schema(
                            description = "Without a disk it may be left out; else it says where data disks may be.",
                            examples = "[\"qcow2\"]")
                    List<String> storage,
            String notes) {}

    /** Where and how to try a revision. */
    public record NewBootTest(
            @Schema(required = true, description = "Its quota is taken while the machine is there.", examples = "blue")
                    String tenant,
            @Schema(description = "The smallest by itself.") String size,
            @Schema(description = "The first that the tenant may use by itself.") String network,
            @Schema(description = "The first that the tenant may use by itself.") String storage,
            @Schema(description = "Approve the revision when it passes.", defaultValue = "false") Boolean approves,
            @Schema(
                            description =
                                    "Measure its disk from inside, by QEMU's agent in the guest; the profile's speeds show it.",
                            defaultValue = "false")
                    Boolean measures) {}

    /** A boot test as the API shows it. */
    @Schema(name = "BootTest")
    public record BootTestView(
            UUID id,
            BootTest.State state,
            @Schema(description = "What was seen, as a sentence; empty while it runs.") String words,
            @Schema(description = "The machine, which is deleted when the test ends.") UUID machineId,
            String tenant,
            String host,
            boolean approves,
            String begunBy,
            Instant begunAt,
            @Schema(nullable = true) Instant endedAt) {
        static BootTestView of(BootTest test) {
            return new BootTestView(
                    test.id(),
                    test.state(),
                    test.words(),
                    test.machineId(),
                    test.tenantSlug(),
                    test.hostName(),
                    test.approves(),
                    test.begunBy(),
                    test.begunAt(),
                    test.endedAt());
        }
    }

    private final Callers callers;
    private final Templates templates;
    private final BootTests bootTests;

    TemplateResource(Callers callers, Templates templates, BootTests bootTests) {
        this.callers = callers;
        this.templates = templates;
        this.bootTests = bootTests;
    }

    @GET
    @Path("/templates")
    @Operation(summary = "List templates", description = "Those that can be requested; an admin sees all.")
    public Page<TemplateView> list(@BeanParam Paging paging) {
        return paging.slice(templates.list(callers.current()), Template::slug).map(TemplateView::of);
    }

    @GET
    @Path("/templates/{template}")
    @Operation(summary = "Show a template")
    public TemplateView get(@PathParam("template") String slug) {
        return TemplateView.of(templates.get(callers.current(), slug));
    }

    @POST
    @Path("/templates")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Made; add a revision and approve it next.")
    @Operation(summary = "Make a template", description = "For admins.")
    public RestResponse<TemplateView> create(NewTemplate template) {
        NewTemplate body = Answers.body(template);
        Template made = templates.create(
                callers.current(),
                body.slug(),
                body.name(),
                Answers.text(body.description()),
                policy(body.policy(), "policy"));
        return Answers.created("/templates/" + made.slug(), TemplateView.of(made));
    }

    @PUT
    @Path("/templates/{template}/policy")
    @Idempotent
    @Operation(summary = "Set a template's policy", description = "For admins. Holds for requests from now on.")
    public RestResponse<TemplateView> setPolicy(@PathParam("template") String slug, NewPolicy policy) {
        return RestResponse.ok(TemplateView.of(templates.setPolicy(callers.current(), slug, policy(policy, "body"))));
    }

    private static Policy policy(NewPolicy policy, String field) {
        if (policy == null) {
            throw ProblemException.invalid(field, "Say up to where requests pass by themselves.");
        }
        return policy.policy();
    }

    @GET
    @Path("/templates/{template}/revisions")
    @Operation(summary = "List a template's revisions", description = "Newest first.")
    public Page<RevisionView> revisions(@PathParam("template") String slug, @BeanParam Paging paging) {
        return paging.slice(
                        templates.get(callers.current(), slug).revisions(),
                        revision -> Integer.toString(revision.number()))
                .map(RevisionView::of);
    }

    @GET
    @Path("/templates/{template}/revisions/{number}")
    @Operation(summary = "Show a revision")
    public RevisionView revision(@PathParam("template") String slug, @PathParam("number") int number) {
        return RevisionView.of(find(slug, number));
    }

    @POST
    @Path("/templates/{template}/revisions")
    @Idempotent
    @APIResponse(responseCode = "201", description = "A draft; approve it next.")
    @Operation(summary = "Add a revision", description = "For admins. What it is made of never changes.")
    public RestResponse<RevisionView> revise(@PathParam("template") String slug, NewRevision revision) {
        NewRevision body = Answers.body(revision);
        Revision made = templates.revise(
                callers.current(),
                slug,
                new Templates.RevisionDraft(
                        boot(body),
                        Answers.list(body.sizes()),
                        Answers.list(body.networks()),
                        Answers.list(body.storage()),
                        Answers.text(body.notes())));
        return Answers.created("/templates/" + slug + "/revisions/" + made.number(), RevisionView.of(made));
    }

    private static Templates.BootDraft boot(NewRevision body) {
        String word = body.boot() == null ? "image" : body.boot();
        Boot.From from = Arrays.stream(Boot.From.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid("boot", "Choose image, kernel or network."));
        return new Templates.BootDraft(
                from, body.image(), body.kernel(), Answers.text(body.initrd()), Answers.text(body.commandLine()));
    }

    @POST
    @Path("/templates/{template}/revisions/{number}/submit")
    @Idempotent
    @Operation(summary = "Put a revision up for review", description = "For admins.")
    public RestResponse<RevisionView> submit(@PathParam("template") String slug, @PathParam("number") int number) {
        return move(slug, number, RevisionState.IN_REVIEW);
    }

    @POST
    @Path("/templates/{template}/revisions/{number}/reopen")
    @Idempotent
    @Operation(summary = "Make a revision a draft again", description = "For admins.")
    public RestResponse<RevisionView> reopen(@PathParam("template") String slug, @PathParam("number") int number) {
        return move(slug, number, RevisionState.DRAFT);
    }

    @POST
    @Path("/templates/{template}/revisions/{number}/approve")
    @Idempotent
    @Operation(
            summary = "Approve a revision",
            description = "For admins. It is what requests get from now on; the one before is deprecated.")
    public RestResponse<RevisionView> approve(@PathParam("template") String slug, @PathParam("number") int number) {
        return move(slug, number, RevisionState.APPROVED);
    }

    @POST
    @Path("/templates/{template}/revisions/{number}/deprecate")
    @Idempotent
    @Operation(summary = "Deprecate a revision", description = "For admins. No new machine gets it.")
    public RestResponse<RevisionView> deprecate(@PathParam("template") String slug, @PathParam("number") int number) {
        return move(slug, number, RevisionState.DEPRECATED);
    }

    @POST
    @Path("/templates/{template}/revisions/{number}/retire")
    @Idempotent
    @Operation(summary = "Retire a revision", description = "For admins. For good.")
    public RestResponse<RevisionView> retire(@PathParam("template") String slug, @PathParam("number") int number) {
        return move(slug, number, RevisionState.RETIRED);
    }

    @GET
    @Path("/templates/{template}/revisions/{number}/boot-tests")
    @Operation(
            summary = "List a revision's boot tests",
            description = "For admins and auditors. The last ten, newest first.")
    public Page<BootTestView> bootTests(@PathParam("template") String slug, @PathParam("number") int number) {
        return new Page<>(
                bootTests.list(callers.current(), find(slug, number).id()).stream()
                        .map(BootTestView::of)
                        .toList(),
                null);
    }

    @POST
    @Path("/templates/{template}/revisions/{number}/boot-tests")
    @Idempotent
    @APIResponse(responseCode = "201", description = "A machine is being made; it is deleted when its guest was seen.")
    @APIResponse(responseCode = "409", description = "One is under way, the quota is used up, or no host has room.")
    @Operation(summary = "Try whether a revision makes machines that come up", description = "For admins.")
    public RestResponse<BootTestView> bootTest(
            @PathParam("template") String slug, @PathParam("number") int number, NewBootTest test) {
        NewBootTest body = Answers.body(test);
        BootTest made = bootTests.start(
                callers.current(),
                slug,
                number,
                new BootTests.Wish(
                        body.tenant(),
                        body.size(),
                        body.network(),
                        body.storage(),
                        Boolean.TRUE.equals(body.approves()),
                        Boolean.TRUE.equals(body.measures())));
        return Answers.created("/templates/" + slug + "/revisions/" + number + "/boot-tests", BootTestView.of(made));
    }

    private Revision find(String slug, int number) {
        return templates.get(callers.current(), slug).revisions().stream()
                .filter(revision -> revision.number() == number)
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("revision"));
    }

    private RestResponse<RevisionView> move(String slug, int number, RevisionState state) {
        return RestResponse.ok(RevisionView.of(templates.setState(callers.current(), slug, number, state)));
    }
}
