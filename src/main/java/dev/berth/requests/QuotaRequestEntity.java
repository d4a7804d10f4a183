package dev.berth.requests;

import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Resource;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** More of a line of the team's quota is asked for. */
@Entity
@Table(name = "quota_request")
@DiscriminatorValue("QUOTA")
class QuotaRequestEntity extends RequestEntity {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    String resource;
    String profile;
    UUID profileId;

    /** The limit as it was when it was asked. */
    long before;

    long more;

    /** Null for good. */
    Instant until;

    QuotaLine line() {
        return new QuotaLine(Resource.valueOf(resource.toUpperCase(Locale.ROOT)), profileId, profile);
    }

    @Override
    Request.Kind kind() {
        return Request.Kind.QUOTA;
    }

    @Override
    String summary() {
        return "%s more %s, %s".formatted(line().amount(more), line().label(), end());
    }

    String end() {
        return until == null ? "for good" : "until " + DAY.format(until);
    }

    @Override
    List<Request.Fact> facts() {
        QuotaLine line = line();
        return new ArrayList<>(List.of(
                new Request.Fact("Limit of", line.label()),
                new Request.Fact("Then", line.amount(before)),
                new Request.Fact("More", line.amount(more)),
                new Request.Fact("Makes it", line.amount(before + more)),
                new Request.Fact("How long", end())));
    }

    @Override
    Map<Resource, Long> amounts() {
        return Map.of();
    }

    @Override
    String path() {
        return "/t/" + tenantSlug + "/quota";
    }
}
