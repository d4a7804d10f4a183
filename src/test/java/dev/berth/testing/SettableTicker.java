package dev.berth.testing;

import dev.berth.common.Ticker;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Time that really passed, and as much more as a test says. */
@Alternative
@Singleton
public class SettableTicker extends Ticker {
    private volatile Duration ahead = Duration.ZERO;

    public void ahead(Duration newAhead) {
        ahead = newAhead;
    }

    @Override
    public Duration now() {
        return super.now().plus(ahead);
    }
}
