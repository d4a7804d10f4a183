package dev.berth.web;

import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.common.ProblemException;
import dev.berth.security.AuthConfig;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Tells open pages what changed. One listener to the database for the whole process; each open page is a subscriber
 * that hears of its own tenants and its own person only. A topic is a name such as {@code machine-<id>}; pages fetch what they show of it
 * anew, so a topic carries nothing that needs protecting.
 */
@ApplicationScoped
public class Broadcaster {
    /** Says "look at everything": something may have been missed. */
    static final String ALL = "all";

    private static final String BEAT = "beat";
    /** Said to nobody: ends a stream. */
    private static final String END = "end";

    private static final Logger LOG = Logger.getLogger(Broadcaster.class);
    private static final int MAX_SUBSCRIBERS = 2_000;
    private static final int MAX_WAITING = 256;
    private static final Duration HEARTBEAT = Duration.ofSeconds(20);
    /** A page connects again after this, and is asked again whether it still may. */
    private static final Duration LIFETIME = Duration.ofMinutes(10);
    /** Where rights are an identity provider's, who may go on watching is asked as often as its word is good for. */
    private static final Duration PROVIDED_LIFETIME = Duration.ofSeconds(30);

    private final DataSource dataSource;
    private final BerthConfig config;
    private final AuthConfig auth;
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private Notifications notifications;
    private volatile boolean closed;

    private record Subscriber(MultiEmitter<? super String> emitter, Predicate<UUID> tenants, boolean admin) {}

    Broadcaster(DataSource dataSource, BerthConfig config, AuthConfig auth) {
        this.dataSource = dataSource;
        this.config = config;
        this.auth = auth;
    }

    void start(@Observes StartupEvent event) {
        if (config.web()) {
            notifications = new Notifications("berth_changes", dataSource, this::changed);
        }
    }

    /**
     * Topics as they come, until the page goes away.
     *
     * @param tenants whose changes are told: tenants, and the person whose notices are
     * @param admin also tells when the inbox changes, whichever tenant asked, and when a host has looked at a
     *     profile or an image
     */
    Multi<String> topics(Predicate<UUID> tenants, boolean admin) {
        if (closed || subscribers.size() >= MAX_SUBSCRIBERS) {
            throw ProblemException.unavailable(
                    "too-many", "Live updates are not available right now. Reload to see changes.");
        }
        Multi<String> topics = Multi.createFrom()
                .emitter(
                        emitter -> {
                            Subscriber subscriber = new Subscriber(emitter, tenants, admin);
                            emitter.onTermination(() -> subscribers.remove(subscriber));
                            subscribers.add(subscriber);
                            if (closed) {
                                emitter.emit(END);
                            }
                        },
                        BackPressureStrategy.IGNORE);
        Multi<String> beats =
                Multi.createFrom().ticks().every(HEARTBEAT).onOverflow().drop().map(tick -> BEAT);
        // A page that takes nothing for too long is cut off by the overflow, connects again and looks at everything.
        return Multi.createBy()
                .merging()
                .streams(topics.onOverflow().buffer(MAX_WAITING), beats)
                .select()
                .first(topic -> !topic.equals(END))
                .select()
                .first(auth.mode() == AuthConfig.Mode.OIDC ? PROVIDED_LIFETIME : LIFETIME)
                .onFailure()
                .recoverWithCompletion();
    }

    private void changed(String payload) {
        if (payload.isEmpty()) {
            subscribers.forEach(subscriber -> subscriber.emitter().emit(ALL));
            return;
        }
        String[] parts = payload.split(":", 3);
        if (parts.length == 3 && parts[1].isEmpty()) {
            subscribers.stream()
                    .filter(Subscriber::admin)
                    .forEach(subscriber -> subscriber.emitter().emit(parts[0] + '-' + parts[2]));
            return;
        }
        UUID tenant;
        try {
            tenant = UUID.fromString(parts[1]);
        } catch (RuntimeException e) {
            LOG.warnf("Not a change that pages know: %s", payload);
            return;
        }
        String topic = parts[0] + '-' + parts[2];
        boolean request = parts[0].equals("request");
        for (Subscriber subscriber : subscribers) {
            boolean theirs = subscriber.tenants().test(tenant);
            if (theirs) {
                subscriber.emitter().emit(topic);
            }
            if (request && (theirs || subscriber.admin())) {
                subscriber.emitter().emit("inbox");
            }
        }
    }

    /** Streams end before the HTTP server does, so that no page takes it for a broken connection. */
    void stop(@Observes ShutdownDelayInitiatedEvent event) {
        closed = true;
        if (notifications != null) {
            notifications.close();
        }
        subscribers.forEach(subscriber -> subscriber.emitter().emit(END));
    }
}
