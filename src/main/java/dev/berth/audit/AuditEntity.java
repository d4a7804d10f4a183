package dev.berth.audit;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Immutable
@Table(name = "audit_event")
class AuditEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    Instant at;
    UUID userId;
    String username;
    String source;
    UUID tenantId;
    String tenantSlug;
    String action;
    String subjectType;
    String subjectId;
    String subjectName;

    @JdbcTypeCode(SqlTypes.JSON)
    Map<String, Object> detail;

    AuditEvent toEvent() {
        return new AuditEvent(
                id, at, username, source, tenantSlug, action, subjectType, subjectId, subjectName, detail);
    }
}
