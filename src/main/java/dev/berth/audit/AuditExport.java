package dev.berth.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.common.Csv;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The audit log for other programs, written some rows at a time, so that a log of any length fits in memory. */
@ApplicationScoped
public class AuditExport {
    private static final int ROWS = 500;

    /** How it is written. */
    public enum Format {
        /** RFC 4180, with a line of names. */
        CSV("text/csv;charset=UTF-8"),
        /** One JSON object a line. */
        JSONL("application/jsonl");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        public String mediaType() {
            return mediaType;
        }

        /** {@code berth-audit.csv}. */
        public String file() {
            return "berth-audit." + name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Format> of(String word) {
            return Arrays.stream(values())
                    .filter(format -> format.name().equalsIgnoreCase(word))
                    .findFirst();
        }
    }

    private final Audit audit;
    private final ObjectMapper json;

    AuditExport(Audit audit, ObjectMapper json) {
        this.audit = audit;
        this.json = json;
    }

    /** For admins: whatever the filter lets through, newest first. */
    public void write(Caller caller, Audit.Filter filter, Format format, Writer writer) throws IOException {
        caller.requireSeesAll();
        if (format == Format.CSV) {
            writer.write(Csv.line(
                    "at", "user", "source", "tenant", "action", "type", "id", "name", "before", "after", "detail"));
        }
        String cursor = null;
        do {
            Page<AuditEvent> page = audit.list(caller, filter, ROWS, cursor);
            for (AuditEvent event : page.items()) {
                writer.write(format == Format.CSV ? csv(event) : json(event) + '\n');
            }
            cursor = page.next();
        } while (cursor != null);
    }

    private String csv(AuditEvent event) {
        List<AuditEvent.Change> changes = event.changes();
        return Csv.line(
                event.at().toString(),
                event.username(),
                event.source(),
                event.tenantSlug(),
                event.action(),
                event.subjectType(),
                event.subjectId(),
                event.subjectName(),
                fields(changes, true),
                fields(changes, false),
                event.facts().isEmpty() ? "" : json(event.facts()));
    }

    private static String fields(List<AuditEvent.Change> changes, boolean before) {
        return changes.stream()
                .filter(change -> !(before ? change.was() : change.is()).isEmpty())
                .map(change -> change.field() + '=' + (before ? change.was() : change.is()))
                .collect(Collectors.joining("; "));
    }

    private String json(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
