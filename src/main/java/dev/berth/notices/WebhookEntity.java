package dev.berth.notices;

import dev.berth.common.Notice;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

@Entity
@Table(name = "webhook")
class WebhookEntity {
    @Id
    UUID id;

    /** Null for an admin's. */
    UUID tenantId;

    String tenantSlug = "";
    String name;
    String url;
    String secret;
    String topics;
    String createdBy;
    Instant createdAt;

    void setTopics(Set<Notice.Topic> chosen) {
        topics = chosen.stream().sorted().map(Enum::name).collect(Collectors.joining(","));
    }

    Webhook toWebhook() {
        Set<Notice.Topic> chosen = EnumSet.noneOf(Notice.Topic.class);
        Arrays.stream(topics.split(",", -1)).map(Notice.Topic::valueOf).forEach(chosen::add);
        return new Webhook(id, tenantId, tenantSlug, name, url, chosen, createdBy, createdAt);
    }
}
