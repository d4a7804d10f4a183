package dev.berth.console;

import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.common.Rounds;
import dev.berth.console.ConsoleTickets.Admission;
import dev.berth.console.ConsoleTickets.Proof;
import dev.berth.machines.Machine;
import dev.berth.security.Credential;
import dev.berth.security.CrossSite;
import dev.berth.security.LoginEnded;
import dev.berth.security.RemoteAddress;
import dev.berth.security.Users;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.security.identity.SecurityIdentity;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
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
    private final OpenConsoles open;
    private final ConsoleLive live;
    private final DataSource dataSource;
    private final Screens screens;
    private final MeterRegistry metrics;
    private final Set<ConsoleSession> sessions = ConcurrentHashMap.newKeySet();
    private final Rounds rounds = new Rounds("consoles-recheck");
    private Notifications notifications;
    private volatile boolean stopping;

    ConsoleGateway(
            Vertx vertx,
            BerthConfig berth,
            ConsoleConfig config,
            ConsoleTickets tickets,
            OpenConsoles open,
            ConsoleLive live,
            DataSource dataSource,
            Screens screens,
            MeterRegistry metrics) {
        this.vertx = vertx;
        this.berth = berth;
        this.config = config;
        this.tickets = tickets;
        this.open = open;
        this.live = live;
        this.dataSource = dataSource;
        this.screens = screens;
        this.metrics = metrics;
        metrics.gaugeCollectionSize("berth.console.sessions", List.of(), sessions);
    }

    void route(@Observes Router router) {
        if (berth.web()) {
            router.route(HttpMethod.GET, PATH).handler(this::open);
        }
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(config.recheck(), this::recheck, "Whether open consoles may go on was not looked at");
            notifications = new Notifications("berth_consoles", dataSource, this::changed);
        }
    }

    /** Not at the {@code ShutdownEvent}: by then the HTTP server has closed every connection without a word. */
    void stop(@Observes ShutdownDelayInitiatedEvent event) {
        stopping = true;
        rounds.close();
        if (notifications == null) {
            return;
        }
        notifications.close();
        List<Future<Void>> told = new ArrayList<>();
        sessions.forEach(session -> told.add(session.end(Ending.STOPPING)));
        try {
            Future.join(told).toCompletionStage().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("Some consoles were not told of the stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            open.endAll();
        } catch (RuntimeException e) {
            LOG.debug("Consoles stay noted until they lapse", e);
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
        Proof proof = proof(context);
        String source = RemoteAddress.of(context);
        request.toWebSocket()
                .onSuccess(browser -> begin(browser, request.connection(), ticket, proof, source))
                .onFailure(e -> LOG.debugf("A console's upgrade failed: %s", e.getMessage()));
    }

    private static Proof proof(RoutingContext context) {
        if (!(context.user() instanceof QuarkusHttpUser user)) {
            return null;
        }
        SecurityIdentity identity = user.getSecurityIdentity();
        return Users.of(identity)
                .map(person -> new Proof(person.id(), Credential.of(identity).orElseGet(Credential::password)))
                .orElse(null);
    }

    private void begin(ServerWebSocket browser, HttpConnection connection, String ticket, Proof proof, String source) {
        ConsoleSession session = new ConsoleSession(vertx, browser, connection, this::ended);
        if (stopping || sessions.size() >= config.maxSessions()) {
            session.end(stopping ? Ending.STOPPING : Ending.BUSY);
            return;
        }
        vertx.executeBlocking(() -> tickets.redeem(ticket, proof, source), false)
                .compose(admission -> {
                    session.admit(admission);
                    sessions.add(session);
                    return vertx.executeBlocking(
                            () -> {
                                open.begin(session.id(), admission);
                                return admission;
                            },
                            false);
                })
                .compose(admission -> {
                    if (session.isOver()) {
                        sessions.remove(session);
                        forget(session);
                        return Future.failedFuture(new ConsoleException(Ending.CLOSED));
                    }
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
            forget(session);
            LOG.infof(
                    "Console of machine %s for %s ended: %s",
                    admission.machine().id(), admission.caller().username(), why.label());
        }
    }

    /** At a stop all are forgotten at once. */
    private void forget(ConsoleSession session) {
        if (!stopping) {
            vertx.executeBlocking(
                            () -> {
                                open.end(session.id());
                                return null;
                            },
                            false)
                    .onFailure(e -> LOG.debug("A console that is over stays noted until it lapses", e));
        }
    }

    /** Ends the sessions of people who may no longer see the machine, and notes that the others go on. */
    private void recheck() {
        List<ConsoleSession> now = List.copyOf(sessions);
        Set<Admission> allowed =
                tickets.stillAllowed(now.stream().map(ConsoleSession::admission).toList());
        now.stream()
                .filter(session -> !allowed.contains(session.admission()))
                .forEach(session -> session.end(Ending.DENIED));
        // The row of one that has not got that far may not be there yet.
        List<ConsoleSession> begun = now.stream().filter(ConsoleSession::relays).toList();
        Collection<UUID> lost = open.keep(now.stream().map(ConsoleSession::id).toList());
        begun.stream().filter(session -> lost.contains(session.id())).forEach(session -> session.end(Ending.LOST));
    }

    void ended(@Observes LoginEnded ended) {
        if (ended.id().isEmpty()) {
            recheck();
            return;
        }
        sessions.stream().filter(session -> isOf(session, ended.id())).forEach(session -> session.end(Ending.DENIED));
    }

    private static boolean isOf(ConsoleSession session, String login) {
        Credential credential = session.admission().holder().credential();
        return credential.kind() == Credential.Kind.LOGIN && credential.id().equals(login);
    }

    /** @param machineId empty when something may have been missed */
    private void changed(String machineId) {
        live.changed(machineId);
        boolean concerned = sessions.stream()
                .anyMatch(session -> machineId.isEmpty()
                        || session.admission().machine().id().toString().equals(machineId));
        if (!concerned) {
            return;
        }
        Map<UUID, String> taken = open.taken();
        for (ConsoleSession session : sessions) {
            String by = taken.get(session.id());
            if (by != null) {
                session.end(Ending.TAKEN, by + " took over.");
            }
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
