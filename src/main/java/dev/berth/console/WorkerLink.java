package dev.berth.console;

import dev.berth.console.Pump.Wire;
import dev.berth.security.LinkSignature;
import dev.berth.security.WorkerTls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.inject.Singleton;
import java.net.MalformedURLException;
import java.net.URI;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * A web process's end of the link to a worker: an HTTP upgrade (RFC 9110, 7.8), after which the connection carries the
 * VNC stream as it is. Frames would add nothing, since both ends are ours; and an upgrade passes TLS and proxies.
 */
@Singleton
class WorkerLink {
    static final String PATH = "/internal/console/";
    static final String PURPOSE = "console";
    static final String PROTOCOL = "berth-screen";

    private static final Logger LOG = Logger.getLogger(WorkerLink.class);

    private final LinkSignature signature;
    private final ConsoleConfig config;
    private final HttpClient client;

    WorkerLink(Vertx vertx, LinkSignature signature, ConsoleConfig config, WorkerTls tls) {
        this.signature = signature;
        this.config = config;
        this.client = vertx.createHttpClient(tls.apply(new HttpClientOptions())
                .setMaxPoolSize(config.maxSessions())
                .setConnectTimeout((int) config.connectTimeout().toMillis()));
    }

    /** The open, paused connection; fails with {@link ConsoleException}. */
    Future<Wire> connect(String workerUrl, UUID machineId) {
        if (!signature.configured()) {
            LOG.error("A console needs another process's worker, but berth.worker.secret is not set");
            return Future.failedFuture(new ConsoleException(Ending.UNREACHABLE));
        }
        RequestOptions options;
        try {
            options = new RequestOptions()
                    .setAbsoluteURI(
                            URI.create(workerUrl).resolve(PATH + machineId).toURL())
                    .setMethod(HttpMethod.GET)
                    .setTimeout(config.connectTimeout().toMillis());
        } catch (MalformedURLException | IllegalArgumentException e) {
            return Future.failedFuture(new ConsoleException(Ending.UNREACHABLE, e));
        }
        options.putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE)
                .putHeader(HttpHeaders.UPGRADE, PROTOCOL)
                .putHeader(LinkSignature.HEADER, signature.sign(PURPOSE, machineId));
        return client.request(options)
                .compose(request -> request.exceptionHandler(WorkerLink::broken).connect())
                .compose(response -> upgraded(response, workerUrl))
                .recover(e -> Future.failedFuture(Screens.unreachable(e)));
    }

    /** What matters of it reaches the caller through the future; without a handler it would be logged as an error. */
    private static void broken(Throwable e) {
        LOG.debugf("A link to a worker broke: %s", e.getMessage());
    }

    private static Future<Wire> upgraded(HttpClientResponse response, String workerUrl) {
        if (response.statusCode() == 101) {
            return Future.succeededFuture(
                    Wire.of(response.netSocket().pause(), response.request().connection()));
        }
        response.exceptionHandler(WorkerLink::broken);
        response.request().connection().close();
        return switch (response.statusCode()) {
            case 409 -> Future.failedFuture(new ConsoleException(Ending.OFF));
            case 429 -> Future.failedFuture(new ConsoleException(Ending.BUSY));
            default -> {
                LOG.warnf("The worker at %s refused a console with status %d", workerUrl, response.statusCode());
                yield Future.failedFuture(new ConsoleException(Ending.UNREACHABLE));
            }
        };
    }
}
