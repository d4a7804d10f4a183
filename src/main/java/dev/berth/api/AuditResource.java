package dev.berth.api;

import dev.berth.audit.Audit;
import dev.berth.audit.AuditEvent;
import dev.berth.audit.AuditExport;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.common.Span;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The audit log; for admins. */
@Path(ApiPaths.V1)
@Tag(name = "Operating")
public class AuditResource {
    /** What is looked for. */
    public static class Wanted {
        @Parameter(description = "Who did it.")
        @QueryParam("username")
        String username;

        @Parameter(description = "What was done, or how that begins: `machine.`")
        @QueryParam("action")
        String action;

        @Parameter(description = "The id or the name of what it was done to.")
        @QueryParam("subject")
        String subject;

        @Parameter(description = "The short name of the tenant in which it was done.")
        @QueryParam("tenant")
        String tenant;

        @Parameter(description = "From this day or moment on, in UTC: `2026-11-30` or `2026-11-30T12:00:00Z`.")
        @QueryParam("from")
        String from;

        @Parameter(description = "To the end of this day, or up to this moment.")
        @QueryParam("until")
        String until;

        @Parameter(description = "Anywhere in names and details.")
        @QueryParam("q")
        String text;

        Audit.Filter filter() {
            Span span = Span.of(from, until);
            return new Audit.Filter(username, action, subject, tenant, span.from(), span.until(), text);
        }
    }

    private final Callers callers;
    private final Audit audit;
    private final AuditExport export;

    AuditResource(Callers callers, Audit audit, AuditExport export) {
        this.callers = callers;
        this.audit = audit;
        this.export = export;
    }

    @GET
    @Path("/audit")
    @Operation(
            summary = "List changes",
            description =
                    "For admins and auditors: who changed what, when and from where. Newest first. `detail.before` and"
                            + " `detail.after` hold the fields that a change made different.")
    public Page<AuditEvent> list(@BeanParam Wanted wanted, @BeanParam Paging paging) {
        return audit.list(callers.current(), wanted.filter(), paging.limit(), paging.cursor());
    }

    @GET
    @Path("/audit/export")
    @Operation(
            summary = "Export changes",
            description =
                    "For admins and auditors: all that the filter lets through, as CSV (RFC 4180) or as one JSON object a line.")
    public Response export(
            @BeanParam Wanted wanted,
            @Parameter(description = "`csv` (without: that) or `jsonl`.") @QueryParam("format") String format) {
        Caller caller = callers.current();
        caller.requireSeesAll();
        Audit.Filter filter = wanted.filter();
        AuditExport.Format chosen = AuditExport.Format.of(format == null ? "csv" : format)
                .orElseThrow(() -> ProblemException.invalid("format", "Use one of csv, jsonl."));
        StreamingOutput output = out -> {
            try (Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                export.write(caller, filter, chosen, writer);
            }
        };
        return Response.ok(output, chosen.mediaType())
                .header("Content-Disposition", "attachment; filename=\"" + chosen.file() + "\"")
                .header("Cache-Control", "no-store")
                .build();
    }
}
