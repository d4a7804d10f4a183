package dev.berth.requests;

import dev.berth.common.Hours;
import dev.berth.tenancy.Resource;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request for a longer lease of a machine than its template lets pass by itself. */
@Entity
@Table(name = "extension_request")
@DiscriminatorValue("EXTENSION")
class ExtensionRequestEntity extends RequestEntity {
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** How many, from the decision on. */
    int hours;

    String templateName;

    /** When the lease ended as it was asked. */
    Instant leaseUntil;

    @Override
    Request.Kind kind() {
        return Request.Kind.EXTENSION;
    }

    @Override
    String summary() {
        return Hours.words(hours) + " from the decision on";
    }

    @Override
    List<Request.Fact> facts() {
        return List.of(
                new Request.Fact("Machine", name),
                new Request.Fact("Template", templateName),
                new Request.Fact("Lease now", "until " + UTC.format(leaseUntil)),
                new Request.Fact("Asked for", summary()));
    }

    @Override
    Map<Resource, Long> amounts() {
        return Map.of();
    }

    @Override
    String path() {
        return "/t/" + tenantSlug + "/machines/" + machineId;
    }
}
