package dev.berth.audit;

import java.time.Instant;
import java.util.Map;

/** One change that somebody made. */
public record AuditEvent(
        long id,
        Instant at,
        String username,
        String source,
        String tenantSlug,
        String action,
        String subjectType,
        String subjectId,
        String subjectName,
        Map<String, Object> detail) {}
