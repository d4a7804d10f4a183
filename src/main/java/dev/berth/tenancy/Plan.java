package dev.berth.tenancy;

import java.util.Map;
import java.util.UUID;

/**
 * Limits that tenants follow.
 *
 * @param limits what is not named is 0, or for a line of a profile without a limit
 * @param followers how many tenants follow it
 */
public record Plan(UUID id, String slug, String name, Map<QuotaLine, Long> limits, long followers) {
    /** What it gives of a resource as a whole. */
    public long limit(Resource resource) {
        return limits.getOrDefault(QuotaLine.of(resource), 0L);
    }

    /** {@code 10 vCPUs}, for a list. */
    public String words(Resource resource) {
        return resource.amount(limit(resource));
    }
}
