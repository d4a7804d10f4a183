package dev.berth.console;

import dev.berth.common.BerthConfig;
import dev.berth.console.Pump.Wire;
import dev.berth.security.LinkSignature;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** A worker's end of the link: shows signed callers the screens of machines on this worker's hosts. */
@Singleton
class WorkerGateway {
    private static final Logger LOG = Logger.getLogger(WorkerGateway.class);

    private final BerthConfig berth;
    private final ConsoleConfig config;
    private final LinkSignature signature;
    private final Screens screens;
    private final Set<NetSocket> links = ConcurrentHashMap.newKeySet();

    WorkerGateway(
            BerthConfig berth, ConsoleConfig config, LinkSignature signature, Screens screens, MeterRegistry metrics) {
        this.berth = berth;
        this.config = config;
        this.signature = signature;
        this.screens = screens;
        metrics.gaugeCollectionSize("berth.console.links", java.util.List.of(), links);
    }

    void route(@Observes Router router) {
        if (berth.worker() && signature.configured()) {
            router.route(HttpMethod.GET, WorkerLink.PATH + ":machine").handler(this::open);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        links.forEach(NetSocket::close);
    }

    private void open(RoutingContext context) {
        HttpServerRequest request = context.request();
        UUID machineId = id(context.pathParam("machine"));
        if (machineId == null
                || !signature.accepts(request.getHeader(LinkSignature.HEADER), WorkerLink.PURPOSE, machineId)) {
            LOG.warnf("Refused a console link without a valid signature from %s", request.remoteAddress());
            context.response().setStatusCode(401).end();
            return;
        }
        if (!WorkerLink.PROTOCOL.equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            context.response()
                    .setStatusCode(426)
                    .putHeader(HttpHeaders.UPGRADE, WorkerLink.PROTOCOL)
                    .end();
            return;
        }
        if (links.size() >= config.maxSessions()) {
            context.response().setStatusCode(429).end();
            return;
        }
        request.pause();
        screens.connectLocal(machineId)
                .onSuccess(screen -> join(context, screen))
                .onFailure(e -> refuse(context, machineId, e));
    }

    private static void refuse(RoutingContext context, UUID machineId, Throwable e) {
        boolean off = e instanceof ConsoleException known && known.ending() == Ending.OFF;
        if (!off) {
            LOG.warnf("The screen of machine %s can't be reached: %s", machineId, e.getCause());
        }
        context.request().resume();
        context.response().setStatusCode(off ? 409 : 503).end();
    }

    private void join(RoutingContext context, Wire wire) {
        NetSocket screen = wire.socket();
        context.response()
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE)
                .putHeader(HttpHeaders.UPGRADE, WorkerLink.PROTOCOL);
        Future<NetSocket> upgrade = context.request().toNetSocket();
        upgrade.onFailure(e -> screen.close()).onSuccess(peer -> {
            links.add(peer);
            peer.closeHandler(x -> {
                links.remove(peer);
                screen.close();
            });
            screen.closeHandler(x -> peer.close());
            peer.exceptionHandler(e -> LOG.debugf("A console link broke off: %s", e.getMessage()));
            screen.exceptionHandler(e -> LOG.debugf("A screen broke off: %s", e.getMessage()));
            Pump.join(Wire.of(peer, context.request().connection()), wire);
        });
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
