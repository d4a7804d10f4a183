package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.machines.Machine;
import dev.berth.machines.Operation;
import dev.berth.machines.Work;
import dev.berth.provisioning.Job;
import dev.berth.provisioning.Jobs;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The queue; for admins. */
@Path(ApiPaths.V1)
@Tag(name = "Operating")
public class JobResource {
    /** A job as the API shows it: one machine has at most one. */
    @Schema(name = "Job")
    public record JobView(
            UUID machine,
            @Schema(examples = "build-1") String name,
            @Schema(examples = "blue") String tenant,
            Operation operation,
            @Schema(examples = "local") String host,
            @Schema(
                            description =
                                    "`WAITING` for a worker, `RUNNING`, or `SCHEDULED` for its next try or its next look at the guest.")
                    Job.State state,
            @Schema(description = "When the operation was asked for.") Instant since,
            @Schema(description = "From when on it may run.") Instant dueAt,
            @Schema(description = "How often it has failed so far.") int attempt,
            @Schema(
                            description = "The step that is under way or came last.",
                            examples = "Create the disk",
                            nullable = true)
                    String step,
            @Schema(nullable = true) Instant stepStartedAt,
            @Schema(description = "Why it has to be tried again; empty when nothing went wrong.") String lastError,
            @Schema(description = "The worker that is at it; empty when none is.", examples = "host1-3f9a2c04")
                    String pickedBy) {
        static JobView of(Job job) {
            Work work = job.work();
            Machine machine = work.machine();
            return new JobView(
                    machine.id(),
                    machine.name(),
                    machine.tenantSlug(),
                    machine.operation(),
                    machine.hostName(),
                    job.state(),
                    work.since(),
                    job.dueAt(),
                    work.attempt(),
                    work.step() == null ? null : work.step().step(),
                    work.step() == null ? null : work.step().startedAt(),
                    work.error(),
                    job.pickedBy());
        }
    }

    private final Callers callers;
    private final Jobs jobs;

    JobResource(Callers callers, Jobs jobs) {
        this.callers = callers;
        this.jobs = jobs;
    }

    @GET
    @Path("/jobs")
    @org.eclipse.microprofile.openapi.annotations.Operation(
            summary = "List jobs",
            description =
                    "For admins and auditors: what waits in the queue and what workers are at, in the order of being due.")
    public Page<JobView> list(
            @Parameter(description = "waiting, running or scheduled") @QueryParam("state") String state,
            @Parameter(description = "Of this host alone.") @QueryParam("host") String host,
            @BeanParam Paging paging) {
        Jobs.Filter filter = new Jobs.Filter(Answers.word(Job.State.class, "state", state), host);
        return jobs.list(callers.current(), filter, paging.limit(), paging.cursor())
                .map(JobView::of);
    }

    @POST
    @Path("/jobs/{machine}/run")
    @Idempotent
    @APIResponse(responseCode = "202", description = "Due now; a worker takes it.")
    @org.eclipse.microprofile.openapi.annotations.Operation(
            summary = "Run a job now",
            description = "For admins: one that waits for its time, a next try for instance, need not wait for it.")
    public RestResponse<JobView> run(@PathParam("machine") UUID machine) {
        return Answers.accepted(JobView.of(jobs.runNow(callers.current(), machine)));
    }
}
