package dev.berth.notices;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.Cursor;
import dev.berth.common.Notice;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Addresses that are called when something happens: a team's, which its owners and admins make, and admins' own, which hear
 * of everything.
 */
@ApplicationScoped
public class Webhooks {
    /** How many a team may have, and the admins. */
    static final int MOST = 10;

    /** A new webhook and the key of its signatures, which is shown this once. */
    public record Made(Webhook webhook, String secret) {}

    private final WebhookRows rows;
    private final Deliveries.DeliveryRepository deliveries;
    private final Announcer announcer;
    private final Targets targets;
    private final Audit audit;
    private final Clock clock;

    Webhooks(
            WebhookRows rows,
            Deliveries.DeliveryRepository deliveries,
            Announcer announcer,
            Targets targets,
            Audit audit,
            Clock clock) {
        this.rows = rows;
        this.deliveries = deliveries;
        this.announcer = announcer;
        this.targets = targets;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether the caller may change a team's webhooks, or with null the admins'. */
    public boolean mayChange(Caller caller, UUID tenantId) {
        return caller.admin() || (tenantId != null && caller.tenants().get(tenantId) == TenantRole.OWNER);
    }

    private boolean maySee(Caller caller, UUID tenantId) {
        return caller.seesAll() || mayChange(caller, tenantId);
    }

    /** As this caller may read it: of an address, as good as a password, who only looks on sees the host. */
    private Webhook shown(Caller caller, WebhookEntity webhook) {
        Webhook whole = webhook.toWebhook();
        return mayChange(caller, webhook.tenantId) ? whole : whole.withUrl("https://" + host(webhook.url) + "/...");
    }

    /** By name. @param tenant whose, or null for the admins' */
    @Transactional
    public List<Webhook> list(Caller caller, Tenant tenant) {
        UUID tenantId = tenant == null ? null : tenant.id();
        require(maySee(caller, tenantId), tenantId);
        return (tenantId == null
                        ? rows.find("tenantId is null order by name, id")
                        : rows.find("tenantId = ?1 order by name, id", tenantId))
                .stream().map(webhook -> shown(caller, webhook)).toList();
    }

    @Transactional
    public Webhook get(Caller caller, UUID id) {
        return shown(caller, visible(caller, id));
    }

    /** @param tenant whose matters it hears of, or null for everything */
    @Transactional
    public Made create(Caller caller, Tenant tenant, String name, String url, Set<Notice.Topic> topics) {
        UUID tenantId = tenant == null ? null : tenant.id();
        require(mayChange(caller, tenantId), tenantId);
        Checks checks = new Checks().line("name", name, 100);
        targets.check(checks, "url", url);
        checks.require("topics", topics != null && !topics.isEmpty(), "Choose at least one.")
                .throwIfAny();
        long before = tenantId == null ? rows.count("tenantId is null") : rows.count("tenantId", tenantId);
        if (before >= MOST) {
            throw ProblemException.conflict(
                    "too-many", "There are " + MOST + " webhooks here already. Delete one of them first.");
        }
        WebhookEntity webhook = new WebhookEntity();
        webhook.id = UUID.randomUUID();
        webhook.tenantId = tenantId;
        webhook.tenantSlug = tenant == null ? "" : tenant.slug();
        webhook.name = name;
        webhook.url = url;
        webhook.secret = Signature.newSecret();
        webhook.setTopics(topics);
        webhook.createdBy = caller.username();
        webhook.createdAt = clock.instant();
        rows.persist(webhook);
        audit.record(
                caller,
                "webhook.create",
                subject(webhook),
                Audit.change(Map.of(), Map.of("name", name, "host", host(url), "topics", webhook.topics)));
        return new Made(webhook.toWebhook(), webhook.secret);
    }

    /** Its log goes with it. */
    @Transactional
    public void delete(Caller caller, UUID id) {
        WebhookEntity webhook = forChange(caller, id);
        rows.delete(webhook);
        audit.record(caller, "webhook.delete", subject(webhook), Map.of("host", host(webhook.url)));
    }

    /** Sends something that says that it is a test. */
    @Transactional
    public void test(Caller caller, UUID id) {
        WebhookEntity webhook = forChange(caller, id);
        DeliveryEntity delivery = new DeliveryEntity();
        delivery.id = UUID.randomUUID();
        delivery.webhookId = webhook.id;
        delivery.topic = webhook.toWebhook().topics().iterator().next();
        delivery.key = "test:" + delivery.id;
        delivery.body = announcer.body(new Notice(
                delivery.topic,
                new Notice.Audience.Admins(),
                delivery.key,
                "This is a test",
                caller.username() + " tries the webhook " + webhook.name + ".",
                webhook.tenantSlug.isEmpty() ? "/admin/webhooks" : "/t/" + webhook.tenantSlug + "/webhooks"));
        delivery.createdAt = clock.instant();
        delivery.dueAt = delivery.createdAt;
        deliveries.persist(delivery);
    }

    /** Its log, newest first. */
    @Transactional
    public Page<Delivery> deliveries(Caller caller, UUID id, int limit, String cursorText) {
        visible(caller, id);
        String where = "webhookId = :webhook";
        Map<String, Object> parameters = new HashMap<>(Map.of("webhook", id));
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where += " and (createdAt < :at or (createdAt = :at and id > :id))";
            parameters.put("at", cursor.instant());
            parameters.put("id", cursor.uuid());
        }
        List<Delivery> found =
                deliveries.find(where + " order by createdAt desc, id", parameters).page(0, limit + 1).list().stream()
                        .map(DeliveryEntity::toDelivery)
                        .toList();
        return Page.of(
                found,
                limit,
                delivery -> new Cursor(
                        delivery.createdAt().toString(), delivery.id().toString()));
    }

    /** Tries one anew that has failed, or one that waits at once; with as many tries as a new one. */
    @Transactional
    public Delivery retry(Caller caller, UUID id, UUID deliveryId) {
        forChange(caller, id);
        DeliveryEntity delivery = deliveries
                .findByIdOptional(deliveryId)
                .filter(one -> id.equals(one.webhookId))
                .orElseThrow(() -> ProblemException.notFound("delivery"));
        if (delivery.state == Delivery.State.SENT) {
            throw ProblemException.conflict("wrong-state", "This one arrived already.");
        }
        boolean underWay = delivery.claimedUntil != null && delivery.claimedUntil.isAfter(clock.instant());
        if (!underWay) {
            delivery.state = Delivery.State.WAITING;
            delivery.attempts = 0;
            delivery.finishedAt = null;
            delivery.dueAt = clock.instant();
        }
        return delivery.toDelivery();
    }

    private WebhookEntity visible(Caller caller, UUID id) {
        return rows.findByIdOptional(id)
                .filter(webhook -> maySee(caller, webhook.tenantId))
                .orElseThrow(() -> ProblemException.notFound("webhook"));
    }

    private WebhookEntity forChange(Caller caller, UUID id) {
        WebhookEntity webhook = visible(caller, id);
        require(mayChange(caller, webhook.tenantId), webhook.tenantId);
        return webhook;
    }

    private static void require(boolean may, UUID tenantId) {
        if (!may) {
            throw ProblemException.forbidden(
                    tenantId == null
                            ? "Only an admin may do this."
                            : "Only an owner of the team or an admin may see and change its webhooks.");
        }
    }

    /** What may be told: the rest of an address is often as good as a password. */
    private static String host(String url) {
        return URI.create(url).getHost();
    }

    private static Audit.Subject subject(WebhookEntity webhook) {
        return new Audit.Subject("webhook", webhook.id, webhook.name, webhook.tenantId, webhook.tenantSlug);
    }
}
