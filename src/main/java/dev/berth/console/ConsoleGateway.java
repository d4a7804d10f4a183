package dev.berth.console;

import dev.berth.common.BerthConfig;
import dev.berth.console.ConsoleTickets.Admission;
import dev.berth.machines.Machine;
import dev.berth.security.CrossSite;
import dev.berth.security.User;
import dev.berth.security.Users;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * The WebSocket that browsers open with a ticket. Only a foreign Origin is refused before the upgrade; all else is told
 * by the close code, since browsers can't read the answer to a refused upgrade.
 */
@Singleton
class ConsoleGateway {
    static final String PATH = "/api/v1/console";

    private static final Logger LOG = Logger.getLogger(ConsoleGateway.class);
    private static final int STOP_SECONDS = 2;

    private final Vertx vertx;
    private final BerthConfig berth;
    private final ConsoleConfig config;
    private final ConsoleTickets tickets;
    private final Screens screens;
    private final MeterRegistry metrics;
    private final Set<ConsoleSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    ConsoleGateway(
            Vertx vertx,
            BerthConfig berth,
            ConsoleConfig config,
            ConsoleTickets tickets,
            Screens screens,
            MeterRegistry metrics) {
        this.vertx = vertx;
        this.berth = berth;
        this.config = config;
        this.tickets = tickets;
        this.screens = screens;
        this.metrics = metrics;
        metrics.gaugeCollectionSize("berth.console.sessions", List.of(), sessions);
    }

    void route(@Observes Router router) {
        if (berth.web()) {
            router.route(HttpMethod.GET, PATH).handler(this::open);
            vertx.setPeriodic(config.recheck().toMillis(), x -> recheck());
        }
    }

    /** Not at the {@code ShutdownEvent}: by then the HTTP server has closed every connection without a word. */
    void stop(@Observes ShutdownDelayInitiatedEvent event) {
        stopping = true;
        List<Future<Void>> told = new ArrayList<>();
        sessions.forEach(session -> told.add(session.end(Ending.STOPPING)));
        try {
            Future.join(told).toCompletionStage().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("Some consoles were not told of the stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void open(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            refuse(context, 426, "Open this address as a WebSocket.");
            return;
        }
        // Browsers let any page open a WebSocket to anywhere and only say which page it was (RFC 6455, 10.2).
        if (!CrossSite.isOwn(request, berth.publicUrl().orElse(null))) {
            LOG.infof("Refused a console from %s: its Origin is not ours", request.remoteAddress());
            count("origin");
            refuse(context, 403, "Consoles open only from Berth's own pages.");
            return;
        }
        String ticket = request.getParam("ticket");
        String signedIn = context.user() instanceof QuarkusHttpUser user
                        && !user.getSecurityIdentity().isAnonymous()
                ? Users.of(user.getSecurityIdentity()).map(User::username).orElse(null)
                : null;
        String source = String.valueOf(request.remoteAddress().hostAddress());
        request.toWebSocket()
                .onSuccess(browser -> begin(browser, request.connection(), ticket, signedIn, source))
                .onFailure(e -> LOG.debugf("A console's upgrade failed: %s", e.getMessage()));
    }

    private void begin(
            ServerWebSocket browser, HttpConnection connection, String ticket, String signedIn, String source) {
        ConsoleSession session = new ConsoleSession(vertx, browser, connection, this::ended);
        if (stopping || sessions.size() >= config.maxSessions()) {
            session.end(stopping ? Ending.STOPPING : Ending.BUSY);
            return;
        }
        vertx.executeBlocking(() -> tickets.redeem(ticket, signedIn, source), false)
                .compose(admission -> {
                    session.admit(admission);
                    if (session.isOver()) {
                        return Future.failedFuture(new ConsoleException(Ending.CLOSED));
                    }
                    sessions.add(session);
                    return screens.connect(admission.machine());
                })
                .onSuccess(screen -> {
                    Machine machine = session.admission().machine();
                    session.relay(screen, () -> screens.whyLost(machine), config.ping());
                })
                .onFailure(e -> failed(session, e));
    }

    private static void failed(ConsoleSession session, Throwable e) {
        Ending why = Screens.unreachable(e).ending();
        if (session.admission() == null && !(e instanceof ConsoleException)) {
            LOG.error("A console's ticket could not be checked", e);
        } else if (why == Ending.UNREACHABLE) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            LOG.warnf(
                    "The screen of machine %s can't be reached: %s",
                    session.admission().machine().id(), cause);
        }
        session.end(why);
    }

    private void ended(ConsoleSession session, Ending why) {
        sessions.remove(session);
        count(why.label());
        Admission admission = session.admission();
        if (admission != null) {
            LOG.infof(
                    "Console of machine %s for %s ended: %s",
                    admission.machine().id(), admission.caller().username(), why.label());
        }
    }

    /** Ends the sessions of people who may no longer see the machine. */
    private void recheck() {
        for (ConsoleSession session : sessions) {
            Admission admission = session.admission();
            vertx.executeBlocking(
                            () -> tickets.stillAllowed(
                                    admission.caller(), admission.machine().id()),
                            true)
                    .onSuccess(allowed -> {
                        if (!allowed) {
                            session.end(Ending.DENIED);
                        }
                    });
        }
    }

    private void count(String outcome) {
        metrics.counter("berth.console.ended", "outcome", outcome).increment();
    }

    private static void refuse(RoutingContext context, int status, String sentence) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                .end(sentence);
    }
}
