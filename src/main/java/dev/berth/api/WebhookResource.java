package dev.berth.api;

import dev.berth.common.Notice;
import dev.berth.common.Page;
import dev.berth.notices.Delivery;
import dev.berth.notices.Webhook;
import dev.berth.notices.Webhooks;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Webhooks and the logs of their deliveries. */
@Path(ApiPaths.V1)
@Tag(name = "Notices")
public class WebhookResource {
    /**
     * A webhook as the API shows it.
     *
     * @param secret only in the answer that made it
     */
    @Schema(name = "Webhook")
    public record WebhookView(
            UUID id,
            @Schema(description = "Whose matters it hears of; empty for an admin's, which hears of everything.")
                    String tenant,
            String name,
            String url,
            Set<Notice.Topic> topics,
            String createdBy,
            Instant createdAt,
            @Schema(nullable = true, description = "The key of its signatures; only in the answer that made it.")
                    String secret) {
        static WebhookView of(Webhook hook, String secret) {
            return new WebhookView(
                    hook.id(),
                    hook.tenantSlug(),
                    hook.name(),
                    hook.url(),
                    hook.topics(),
                    hook.createdBy(),
                    hook.createdAt(),
                    secret);
        }
    }

    /** A webhook to be. */
    public record NewWebhook(
            @Schema(required = true, examples = "Chat") String name,
            @Schema(required = true, examples = "https://hooks.example.org/berth") String url,
            @Schema(required = true, examples = "[\"MACHINE\",\"DECISION\"]") List<Notice.Topic> topics) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Webhooks webhooks;

    WebhookResource(Callers callers, Tenants tenants, Webhooks webhooks) {
        this.callers = callers;
        this.tenants = tenants;
        this.webhooks = webhooks;
    }

    @GET
    @Path("/webhooks")
    @Operation(summary = "List the admins' webhooks", description = "For admins and auditors.")
    public Page<WebhookView> list(@BeanParam Paging paging) {
        return page(null, paging);
    }

    @GET
    @Path("/tenants/{tenant}/webhooks")
    @Operation(summary = "List a tenant's webhooks", description = "For its owners and admins.")
    public Page<WebhookView> list(@PathParam("tenant") String slug, @BeanParam Paging paging) {
        return page(tenants.get(callers.current(), slug), paging);
    }

    private Page<WebhookView> page(Tenant tenant, Paging paging) {
        return paging.slice(webhooks.list(callers.current(), tenant), hook -> hook.id()
                        .toString())
                .map(hook -> WebhookView.of(hook, null));
    }

    @POST
    @Path("/webhooks")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Called from now on; the secret is told this once.")
    @Operation(
            summary = "Make an admins' webhook",
            description = "For admins. It hears of everything. Calls are signed as Standard Webhooks 1.0 says.")
    public RestResponse<WebhookView> create(NewWebhook webhook) {
        return create((Tenant) null, webhook);
    }

    @POST
    @Path("/tenants/{tenant}/webhooks")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Called from now on; the secret is told this once.")
    @Operation(
            summary = "Make a tenant's webhook",
            description = "For its owners and admins. Calls are signed as Standard Webhooks 1.0 says.")
    public RestResponse<WebhookView> create(@PathParam("tenant") String slug, NewWebhook webhook) {
        return create(tenants.get(callers.current(), slug), webhook);
    }

    private RestResponse<WebhookView> create(Tenant tenant, NewWebhook webhook) {
        Caller caller = callers.current();
        NewWebhook body = Answers.body(webhook);
        Webhooks.Made made = webhooks.create(
                caller, tenant, body.name(), Answers.text(body.url()), new HashSet<>(Answers.list(body.topics())));
        return Answers.created("/webhooks/" + made.webhook().id(), WebhookView.of(made.webhook(), made.secret()));
    }

    @GET
    @Path("/webhooks/{id}")
    @Operation(summary = "Show a webhook")
    public WebhookView get(@PathParam("id") UUID id) {
        return WebhookView.of(webhooks.get(callers.current(), id), null);
    }

    @DELETE
    @Path("/webhooks/{id}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Called no more; its log is gone.")
    @Operation(summary = "Delete a webhook")
    public RestResponse<Void> delete(@PathParam("id") UUID id) {
        webhooks.delete(callers.current(), id);
        return RestResponse.noContent();
    }

    @POST
    @Path("/webhooks/{id}/test")
    @Idempotent
    @APIResponse(responseCode = "204", description = "A test is on its way; the log says what comes of it.")
    @Operation(summary = "Send a test to a webhook")
    public RestResponse<Void> test(@PathParam("id") UUID id) {
        webhooks.test(callers.current(), id);
        return RestResponse.noContent();
    }

    @GET
    @Path("/webhooks/{id}/deliveries")
    @Operation(
            summary = "List a webhook's deliveries",
            description = "Newest first, each with its tries and what went wrong last.")
    public Page<Delivery> deliveries(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return webhooks.deliveries(callers.current(), id, paging.limit(), paging.cursor());
    }

    @POST
    @Path("/webhooks/{id}/deliveries/{delivery}/retry")
    @Idempotent
    @Operation(summary = "Try a delivery again", description = "At once, one that has failed or waits.")
    public RestResponse<Delivery> retry(@PathParam("id") UUID id, @PathParam("delivery") UUID delivery) {
        return RestResponse.ok(webhooks.retry(callers.current(), id, delivery));
    }
}
