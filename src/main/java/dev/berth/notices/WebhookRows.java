package dev.berth.notices;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.UUID;

/** The rows of webhooks. */
@ApplicationScoped
class WebhookRows implements PanacheRepositoryBase<WebhookEntity, UUID> {
    /** Where to call, and the key to sign with. */
    record Address(String url, String secret) {}

    @Transactional
    Address address(UUID id) throws UndeliveredException {
        WebhookEntity webhook = findById(id);
        if (webhook == null) {
            throw new UndeliveredException(0, "The webhook is gone.");
        }
        return new Address(webhook.url, webhook.secret);
    }
}
