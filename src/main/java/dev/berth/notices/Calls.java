package dev.berth.notices;

import dev.berth.common.UrlGuard;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls webhooks: by POST, signed, to the address that was looked up and judged, without following redirects, in bounded
 * time, and reading next to nothing of what comes back.
 */
@ApplicationScoped
class Calls {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int PATIENCE_MILLIS = 15_000;
    private static final int MAX_HEADER = 8_192;

    private final WebhookRows rows;
    private final Targets targets;
    private final HttpClient client;
    private final Clock clock;

    Calls(WebhookRows rows, Targets targets, Vertx vertx, Clock clock) {
        this.rows = rows;
        this.targets = targets;
        this.clock = clock;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setKeepAlive(false)
                .setMaxHeaderSize(MAX_HEADER)
                .setMaxPoolSize(8)
                .setVerifyHost(true));
    }

    /** @return the HTTP status, 200 to 299 */
    int send(Deliveries.Claim claim) throws UndeliveredException {
        WebhookRows.Address webhook = rows.address(claim.webhookId());
        UrlGuard.Target target = targets.resolve(webhook.url());
        long now = clock.instant().getEpochSecond();
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(SocketAddress.inetSocketAddress(target.port(), literal(target.address())))
                .setHost(target.host())
                .setPort(target.port())
                .setSsl(target.secure())
                .setURI(target.pathAndQuery())
                .setFollowRedirects(false)
                .setTimeout(PATIENCE_MILLIS)
                .putHeader("Content-Type", "application/json")
                .putHeader("User-Agent", "Berth")
                .putHeader("webhook-id", claim.id().toString())
                .putHeader("webhook-timestamp", Long.toString(now))
                .putHeader(
                        "webhook-signature",
                        Signature.of(webhook.secret(), claim.id().toString(), now, claim.body()));
        int status = status(options, Buffer.buffer(claim.body()), claim.id());
        if (status < 200 || status > 299) {
            throw new UndeliveredException(
                    status,
                    status >= 300 && status < 400
                            ? "It answered " + status
                                    + ", a redirect; those are not followed. Enter the address that it leads to."
                            : "It answered " + status + ".");
        }
        return status;
    }

    /** What counts is the status; once it is there, nothing more is read. */
    private int status(RequestOptions options, Buffer body, UUID id) throws UndeliveredException {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        client.request(options)
                .onFailure(status::completeExceptionally)
                .onSuccess(request -> exchange(request, body, status));
        try {
            return status.get(CONNECT_MILLIS + PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            status.cancel(true);
            throw new UndeliveredException(0, "No answer within " + PATIENCE_MILLIS / 1_000 + " seconds.");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new UndeliveredException(
                    0,
                    "No answer: "
                            + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UndeliveredException(0, "Berth was stopped meanwhile.");
        }
    }

    private static void exchange(HttpClientRequest request, Buffer body, CompletableFuture<Integer> status) {
        request.exceptionHandler(status::completeExceptionally);
        request.send(body).onFailure(status::completeExceptionally).onSuccess(response -> {
            response.exceptionHandler(ignored -> {});
            status.complete(response.statusCode());
            request.reset();
            response.request().connection().close();
        });
    }

    private static String literal(InetAddress address) {
        return address.getHostAddress();
    }
}
