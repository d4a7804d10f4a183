package dev.berth.api;

import dev.berth.common.BerthConfig;
import dev.berth.common.Rounds;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;

/** Forgets old idempotency keys, once an hour; that several web processes do is harmless. */
@ApplicationScoped
public class IdempotencyPurge {
    private final BerthConfig berth;
    private final ApiConfig config;
    private final IdempotencyKeys keys;
    private final Clock clock;
    private final Rounds rounds = new Rounds("idempotency-purge");

    IdempotencyPurge(BerthConfig berth, ApiConfig config, IdempotencyKeys keys, Clock clock) {
        this.berth = berth;
        this.config = config;
        this.keys = keys;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(Duration.ofMinutes(1), Duration.ofHours(1), this::purge, "Old idempotency keys stay for now");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        rounds.close();
    }

    private void purge() {
        keys.purge(clock.instant().minus(config.idempotencyRetention()));
    }
}
