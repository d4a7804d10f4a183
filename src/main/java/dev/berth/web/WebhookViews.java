package dev.berth.web;

import dev.berth.common.Notice;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.notices.Delivery;
import dev.berth.notices.Webhook;
import dev.berth.notices.Webhooks;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The pages of webhooks, wherever they belong: a team's, for its owners and admins, and the admins' own. */
@RequestScoped
class WebhookViews {
    private static final int ROWS = 30;

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance webhooks(
                List<Webhook> webhooks,
                List<TopicRow> rows,
                String base,
                String team,
                String made,
                String secret,
                Form form);

        static native TemplateInstance webhook(Webhook hook, List<Delivery> deliveries, String next, String base);
    }

    private final Chrome chrome;
    private final Webhooks webhooks;

    WebhookViews(Chrome chrome, Webhooks webhooks) {
        this.chrome = chrome;
        this.webhooks = webhooks;
    }

    Response list(Tenant tenant) {
        Form form = Form.empty()
                .withAll(
                        "topics",
                        Arrays.stream(Notice.Topic.values()).map(Enum::name).toList());
        return page(tenant, form, null);
    }

    Response create(Tenant tenant, MultivaluedMap<String, String> sent) {
        Form form = Form.of(sent);
        Set<Notice.Topic> topics = Arrays.stream(Notice.Topic.values())
                .filter(topic -> form.has("topics", topic.name()))
                .collect(Collectors.toSet());
        try {
            Webhooks.Made made = webhooks.create(
                    chrome.caller(),
                    tenant,
                    form.value("name").strip(),
                    form.value("url").strip(),
                    topics);
            return page(tenant, Form.empty(), made);
        } catch (ProblemException e) {
            return page(tenant, form.refuse(e), null);
        }
    }

    Response webhook(Tenant tenant, UUID id, String cursor) {
        Webhook hook = hook(tenant, id);
        Page<Delivery> page = webhooks.deliveries(chrome.caller(), id, ROWS, cursor);
        return Html.page(Templates.webhook(hook, page.items(), page.next(), base(tenant)));
    }

    Response test(Tenant tenant, UUID id) {
        Webhook hook = hook(tenant, id);
        webhooks.test(chrome.caller(), id);
        chrome.say(Flash.done("A test is on its way to " + hook.name() + ". Reload to see what came of it."));
        return Html.seeOther(base(tenant) + "/" + id);
    }

    Response delete(Tenant tenant, UUID id) {
        Webhook hook = hook(tenant, id);
        webhooks.delete(chrome.caller(), id);
        chrome.say(Flash.done(hook.name() + " is deleted."));
        return Html.seeOther(base(tenant));
    }

    Response retry(Tenant tenant, UUID id, UUID delivery) {
        hook(tenant, id);
        try {
            webhooks.retry(chrome.caller(), id, delivery);
            chrome.say(Flash.done("It is tried again. Reload to see what came of it."));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther(base(tenant) + "/" + id);
    }

    private Response page(Tenant tenant, Form form, Webhooks.Made made) {
        return Html.page(
                form.status(),
                Templates.webhooks(
                        webhooks.list(chrome.caller(), tenant),
                        TopicRow.all(Map.of()),
                        base(tenant),
                        tenant == null ? "" : tenant.name(),
                        made == null ? "" : made.webhook().name(),
                        made == null ? "" : made.secret(),
                        form));
    }

    /** A webhook under the address of another team, or of the admins, is not found. */
    private Webhook hook(Tenant tenant, UUID id) {
        Webhook hook = webhooks.get(chrome.caller(), id);
        UUID owner = tenant == null ? null : tenant.id();
        if (!Objects.equals(owner, hook.tenantId())) {
            throw ProblemException.notFound("webhook");
        }
        return hook;
    }

    private static String base(Tenant tenant) {
        return tenant == null ? "/admin/webhooks" : "/t/" + tenant.slug() + "/webhooks";
    }
}
