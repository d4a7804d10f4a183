package dev.berth.web;

import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.security.Caller;
import dev.berth.tenancy.Standing.Holder;
import dev.berth.tenancy.Streams;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
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

    /** Said to nobody: ends a stream. */
    private static final String END = "end";

    private static final Logger LOG = Logger.getLogger(Broadcaster.class);
    private static final int MAX_WAITING = 256;

    private final DataSource dataSource;
    private final BerthConfig config;
    private final Streams streams;
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private Notifications notifications;

    private record Subscriber(MultiEmitter<? super String> emitter, Predicate<UUID> tenants, boolean admin) {}

    Broadcaster(DataSource dataSource, BerthConfig config, Streams streams) {
        this.dataSource = dataSource;
        this.config = config;
        this.streams = streams;
    }

    void start(@Observes StartupEvent event) {
        if (config.web()) {
            notifications = new Notifications("berth_changes", dataSource, this::changed);
        }
    }

    /**
     * Topics as they come, until the page goes away, or its login or its right ends.
     *
     * @param may whether its holder may still hear them
     * @param tenants whose changes are told: tenants, and the person whose notices are
     * @param admin also tells when the inbox changes, whichever tenant asked, and when a host has looked at a
     *     profile or an image
     * @throws dev.berth.common.ProblemException when too many are open
     */
    Multi<String> topics(Holder holder, Predicate<Caller> may, Predicate<UUID> tenants, boolean admin) {
        streams.requireRoom(holder.userId());
        Multi<String> topics = Multi.createFrom()
                .emitter(
                        emitter -> {
                            Subscriber subscriber = new Subscriber(emitter, tenants, admin);
                            Streams.Open stream = new Streams.Open(holder, may, () -> emitter.emit(END));
                            emitter.onTermination(() -> {
                                subscribers.remove(subscriber);
                                streams.remove(stream);
                            });
                            subscribers.add(subscriber);
                            if (!streams.add(stream)) {
                                emitter.emit(END);
                            }
                        },
                        BackPressureStrategy.IGNORE);
        // A page that takes nothing for too long is cut off by the overflow, connects again and looks at everything.
        return Multi.createBy()
                .merging()
                .streams(topics.onOverflow().buffer(MAX_WAITING), streams.beats())
                .select()
                .first(topic -> !topic.equals(END))
                .select()
                .first(streams.lifetime())
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

    void stop(@Observes ShutdownDelayInitiatedEvent event) {
        if (notifications != null) {
            notifications.close();
        }
    }
}
