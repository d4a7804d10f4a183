package dev.berth.web;

import dev.berth.audit.Audit;
import dev.berth.audit.AuditEvent;
import dev.berth.audit.AuditExport;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.common.Span;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The audit log, for admins: on a page, and whole for other programs. */
@Path("/admin")
@Authenticated
public class AuditPages {
    private static final int ROWS = 50;
    private static final List<String> NAMES = List.of("user", "action", "subject", "team", "from", "until", "q");

    /** What the page was asked for, as it stands in the URL. */
    public record Query(Form form) {
        static Query of(MultivaluedMap<String, String> parameters) {
            return new Query(Form.of(parameters));
        }

        public boolean filtered() {
            return NAMES.stream().anyMatch(name -> !word(name).isEmpty());
        }

        public String parameters() {
            return NAMES.stream()
                    .filter(name -> !word(name).isEmpty())
                    .map(name -> name + "=" + URLEncoder.encode(word(name), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
        }

        /** @throws ProblemException for days that are none */
        Audit.Filter filter() {
            Span span = Span.of(word("from"), word("until"));
            return new Audit.Filter(
                    word("user"), word("action"), word("subject"), word("team"), span.from(), span.until(), word("q"));
        }

        private String word(String name) {
            return form.value(name).strip();
        }
    }

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance audit(List<AuditEvent> events, String next, Query query, Form form);
    }

    private final Chrome chrome;
    private final Audit audit;
    private final AuditExport export;

    AuditPages(Chrome chrome, Audit audit, AuditExport export) {
        this.chrome = chrome;
        this.audit = audit;
        this.export = export;
    }

    @GET
    @Path("audit")
    public Response list(@Context UriInfo uri) {
        Caller caller = chrome.admin("audit");
        Query query = Query.of(uri.getQueryParameters());
        try {
            Page<AuditEvent> page = audit.list(
                    caller, query.filter(), ROWS, uri.getQueryParameters().getFirst("cursor"));
            return Html.page(Templates.audit(page.items(), page.next(), query, query.form()));
        } catch (ProblemException e) {
            Form form = query.form().refuse(e);
            return Html.page(form.status(), Templates.audit(List.of(), null, query, form));
        }
    }

    /** The whole log, or the filtered part of it. */
    @GET
    @Path("audit.{format:csv|jsonl}")
    public Response export(@PathParam("format") String word, @Context UriInfo uri) {
        Caller caller = chrome.admin("audit");
        Audit.Filter filter = Query.of(uri.getQueryParameters()).filter();
        AuditExport.Format format = AuditExport.Format.of(word).orElseThrow();
        StreamingOutput output = out -> {
            try (Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                export.write(caller, filter, format, writer);
            }
        };
        return Response.ok(output, format.mediaType())
                .header("Content-Disposition", "attachment; filename=\"" + format.file() + "\"")
                .header("Cache-Control", "no-store")
                .build();
    }
}
