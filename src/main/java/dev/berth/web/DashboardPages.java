package dev.berth.web;

import dev.berth.audit.Audit;
import dev.berth.audit.AuditEvent;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineFigures;
import dev.berth.machines.MachineList;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.requests.Request;
import dev.berth.requests.RequestState;
import dev.berth.requests.Requests;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/** A tenant's front page, and what happened in it. */
@Path("/t/{tenant}")
@Authenticated
public class DashboardPages {
    private static final int FEW = 5;
    private static final int ROWS = 50;

    /** What the dashboard shows. */
    public record Dashboard(
            Tenant tenant,
            long machines,
            Map<MachineState, Long> counts,
            List<QuotaBar> quota,
            List<Machine> failed,
            List<Machine> ending,
            List<Request> pending,
            List<AuditEvent> activity) {}

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance dashboard(Dashboard board);

        static native TemplateInstance dashboard$now(Dashboard board);

        static native TemplateInstance activity(Tenant tenant, List<AuditEvent> events, String next);
    }

    private final Chrome chrome;
    private final Machines machines;
    private final MachineFigures figures;
    private final Requests requests;
    private final Quotas quotas;
    private final Audit audit;

    DashboardPages(
            Chrome chrome, Machines machines, MachineFigures figures, Requests requests, Quotas quotas, Audit audit) {
        this.chrome = chrome;
        this.machines = machines;
        this.figures = figures;
        this.requests = requests;
        this.quotas = quotas;
        this.audit = audit;
    }

    @GET
    public Response dashboard(@PathParam("tenant") String slug) {
        return Html.page(Templates.dashboard(board(chrome.enter(slug, "dashboard"))));
    }

    /** The part that changes. */
    @GET
    @Path("now")
    public Response now(@PathParam("tenant") String slug) {
        return Html.page(Templates.dashboard$now(board(chrome.enter(slug, "dashboard"))));
    }

    private Dashboard board(Tenant tenant) {
        Caller caller = chrome.caller();
        Map<MachineState, Long> counts = figures.counts(caller, tenant.id());
        return new Dashboard(
                tenant,
                counts.values().stream().mapToLong(Long::longValue).sum(),
                counts,
                QuotaBar.ofUses(quotas.usage(tenant.id())),
                few(tenant, MachineState.FAILED, MachineList.Sort.CREATED),
                few(tenant, null, MachineList.Sort.LEASE),
                requests.list(caller, tenant.id(), RequestState.PENDING, FEW, null)
                        .items(),
                audit.ofTenant(caller, tenant.id(), Audit.Filter.ANY, FEW, null).items());
    }

    private List<Machine> few(Tenant tenant, MachineState state, MachineList.Sort sort) {
        return machines.list(chrome.caller(), new MachineList(tenant.id(), state, null, null, null, sort), FEW, null)
                .items();
    }

    @GET
    @Path("activity")
    public Response activity(@PathParam("tenant") String slug, @QueryParam("cursor") String cursor) {
        Tenant tenant = chrome.enter(slug, "activity");
        var page = audit.ofTenant(chrome.caller(), tenant.id(), Audit.Filter.ANY, ROWS, cursor);
        return Html.page(Templates.activity(tenant, page.items(), page.next()));
    }
}
