package dev.berth.api;

import dev.berth.common.BerthConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Forgets old idempotency keys, once an hour; that several web processes do is harmless. */
@ApplicationScoped
public class IdempotencyPurge {
    private static final Logger LOG = Logger.getLogger(IdempotencyPurge.class);

    private final BerthConfig berth;
    private final ApiConfig config;
    private final IdempotencyKeys keys;
    private final Clock clock;
    private final ScheduledExecutorService hourly = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "idempotency-purge");
        thread.setDaemon(true);
        return thread;
    });

    IdempotencyPurge(BerthConfig berth, ApiConfig config, IdempotencyKeys keys, Clock clock) {
        this.berth = berth;
        this.config = config;
        this.keys = keys;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            hourly.scheduleWithFixedDelay(this::purge, 1, 60, TimeUnit.MINUTES);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        hourly.shutdownNow();
    }

    private void purge() {
        try {
            keys.purge(clock.instant().minus(config.idempotencyRetention()));
        } catch (RuntimeException e) {
            // A task that throws is never run again.
            LOG.warnf("Old idempotency keys stay for now: %s", e.getMessage());
        }
    }
}
