package dev.berth.notices;

import dev.berth.common.Notice;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/**
 * An address that is called when something happens.
 *
 * @param tenantId whose matters it hears of, or null for everything
 */
public record Webhook(
        UUID id,
        UUID tenantId,
        String tenantSlug,
        String name,
        String url,
        Set<Notice.Topic> topics,
        String createdBy,
        Instant createdAt) {
    Webhook withUrl(String other) {
        return new Webhook(id, tenantId, tenantSlug, name, other, topics, createdBy, createdAt);
    }
}
