package dev.berth.web;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.provisioning.Job;
import dev.berth.provisioning.Jobs;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** The queue, for admins: what waits, what workers are at, what is tried again and why. */
@Path("/admin/jobs")
@Authenticated
public class JobPages {
    private static final int ROWS = 50;

    /** What the list was asked for, as it stands in the URL. */
    public record Query(String state, String host) {
        public boolean filtered() {
            return !state.isEmpty() || !host.isEmpty();
        }

        public String parameters() {
            return "state=" + encoded(state) + "&host=" + encoded(host);
        }

        /** A word that is no state shows all: the URL may come from an older page. */
        Jobs.Filter filter() {
            return new Jobs.Filter(
                    Arrays.stream(Job.State.values())
                            .filter(one -> one.css().equals(state))
                            .findFirst()
                            .orElse(null),
                    host);
        }

        private static String encoded(String value) {
            return URLEncoder.encode(value, StandardCharsets.UTF_8);
        }
    }

    /** The list as the page shows it; its first page keeps itself up to date. */
    public record Listing(List<Job> jobs, String next, boolean first, Query query, List<String> hosts) {
        public Job.State[] states() {
            return Job.State.values();
        }
    }

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance jobs(Listing list);

        static native TemplateInstance jobs$table(Listing list);
    }

    private final Chrome chrome;
    private final Jobs jobs;
    private final Hosts hosts;

    JobPages(Chrome chrome, Jobs jobs, Hosts hosts) {
        this.chrome = chrome;
        this.jobs = jobs;
        this.hosts = hosts;
    }

    @GET
    public Response list(
            @QueryParam("state") String state,
            @QueryParam("host") String host,
            @QueryParam("cursor") String cursor,
            @HeaderParam("HX-Target") String target) {
        Caller caller = chrome.admin("jobs");
        Query query = new Query(text(state), text(host));
        Page<Job> page = jobs.list(caller, query.filter(), ROWS, cursor);
        boolean part = "job-list".equals(target);
        Listing list = new Listing(
                page.items(),
                page.next(),
                text(cursor).isEmpty(),
                query,
                part ? List.of() : hosts.list().stream().map(Host::name).toList());
        return Html.page(part ? Templates.jobs$table(list) : Templates.jobs(list));
    }

    @POST
    @Path("{machine}/run")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response run(@PathParam("machine") UUID machine, @FormParam("back") String back) {
        Caller caller = chrome.admin("jobs");
        try {
            Job job = jobs.runNow(caller, machine);
            chrome.say(Flash.done("The job of " + job.work().machine().name() + " runs as soon as a worker takes it."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(Back.to(back, "/admin/jobs"));
    }

    private static String text(String value) {
        return value == null ? "" : value.strip();
    }
}
