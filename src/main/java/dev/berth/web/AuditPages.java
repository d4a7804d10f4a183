package dev.berth.web;

import dev.berth.audit.Audit;
import dev.berth.audit.AuditEvent;
import dev.berth.common.Csv;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;

/** The audit log, for admins: on a page, and whole as a table for other programs. */
@Path("/admin")
@Authenticated
public class AuditPages {
    private static final int ROWS = 50;
    private static final int EXPORT_ROWS = 500;

    /** What the page was asked for, as it stands in the URL. */
    public record Query(String user, String action, String subject) {
        public boolean filtered() {
            return !user.isEmpty() || !action.isEmpty() || !subject.isEmpty();
        }

        public String parameters() {
            return "user=" + encoded(user) + "&action=" + encoded(action) + "&subject=" + encoded(subject);
        }

        Audit.Filter filter() {
            return new Audit.Filter(user, action, subject);
        }

        private static String encoded(String value) {
            return URLEncoder.encode(value, StandardCharsets.UTF_8);
        }
    }

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance audit(List<AuditEvent> events, String next, Query query);
    }

    private final Chrome chrome;
    private final Audit audit;

    AuditPages(Chrome chrome, Audit audit) {
        this.chrome = chrome;
        this.audit = audit;
    }

    @GET
    @Path("audit")
    public Response list(
            @QueryParam("user") String user,
            @QueryParam("action") String action,
            @QueryParam("subject") String subject,
            @QueryParam("cursor") String cursor) {
        Caller caller = chrome.admin("audit");
        Query query = query(user, action, subject);
        Page<AuditEvent> page = audit.list(caller, query.filter(), ROWS, cursor);
        return Html.page(Templates.audit(page.items(), page.next(), query));
    }

    /** The whole log, or the filtered part of it, as CSV (RFC 4180), page by page so that it fits in memory. */
    @GET
    @Path("audit.csv")
    public Response export(
            @QueryParam("user") String user,
            @QueryParam("action") String action,
            @QueryParam("subject") String subject) {
        Caller caller = chrome.admin("audit");
        Audit.Filter filter = query(user, action, subject).filter();
        StreamingOutput output = out -> {
            try (Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                writer.write(Csv.line("at", "user", "source", "tenant", "action", "type", "id", "name", "detail"));
                String cursor = null;
                do {
                    Page<AuditEvent> page = audit.list(caller, filter, EXPORT_ROWS, cursor);
                    for (AuditEvent event : page.items()) {
                        writer.write(line(event));
                    }
                    cursor = page.next();
                } while (cursor != null);
            }
        };
        return Response.ok(output, "text/csv;charset=UTF-8")
                .header("Content-Disposition", "attachment; filename=\"berth-audit.csv\"")
                .header("Cache-Control", "no-store")
                .build();
    }

    private static String line(AuditEvent event) {
        return Csv.line(
                event.at().toString(),
                event.username(),
                event.source(),
                event.tenantSlug(),
                event.action(),
                event.subjectType(),
                event.subjectId(),
                event.subjectName(),
                new TreeMap<>(event.detail()).toString());
    }

    private static Query query(String user, String action, String subject) {
        return new Query(text(user), text(action), text(subject));
    }

    private static String text(String value) {
        return value == null ? "" : value.strip();
    }
}
