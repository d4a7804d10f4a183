package dev.berth.requests;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "policy_rule")
class PolicyRuleEntity {
    @Id
    UUID id;

    @Enumerated(EnumType.STRING)
    Request.Kind kind;

    UUID templateId;
    UUID tenantId;

    @JdbcTypeCode(SqlTypes.JSON)
    PolicyLimits byItself;

    @JdbcTypeCode(SqlTypes.JSON)
    PolicyLimits byOwner;

    @Enumerated(EnumType.STRING)
    Deciders above;

    String note = "";
    String changedBy;
    Instant changedAt;

    /** The most specific rule wins: what is said of a template weighs more than what is said of a team. */
    int weight() {
        return (templateId == null ? 0 : 2) + (tenantId == null ? 0 : 1);
    }

    /** For the audit log. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("byItself", byItself != null);
        fields.put("byOwner", byOwner != null);
        fields.put("above", above);
        fields.put("note", note);
        if (byItself != null) {
            fields.putAll(byItself.fields("byItself"));
        }
        if (byOwner != null) {
            fields.putAll(byOwner.fields("byOwner"));
        }
        return fields;
    }
}
