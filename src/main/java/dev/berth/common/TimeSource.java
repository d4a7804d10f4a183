package dev.berth.common;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The clock that everything asks, so that tests can set it. */
@ApplicationScoped
public class TimeSource {
    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }
}
