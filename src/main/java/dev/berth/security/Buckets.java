package dev.berth.security;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Token buckets: each key has a number of goes that fills up again over a minute. There are at most {@link #MOST} of
 * them, so that what strangers send does not fill the memory; the longest unused are forgotten first. Known to this
 * process alone.
 */
final class Buckets {
    static final int MOST = 10_000;
    private static final long REFILL_MILLIS = Duration.ofMinutes(1).toMillis();

    /** What a call draws on. @param limit how many goes there are a minute, and at once */
    record Key(String name, int limit) {}

    /**
     * What came of a call.
     *
     * @param pause how long until there is a go; zero when there was one
     * @param first whether it is the first of its flood that was refused, and so worth a line in the log
     */
    record Draw(Duration pause, boolean first) {
        boolean refused() {
            return !pause.isZero();
        }
    }

    private static final class Bucket {
        private double left;
        private long atMillis;
        private boolean told;

        Bucket(int limit, long nowMillis) {
            this.left = limit;
            this.atMillis = nowMillis;
        }

        Duration pause(int limit, long nowMillis) {
            double perMilli = (double) limit / REFILL_MILLIS;
            left = Math.min(limit, left + Math.max(0, nowMillis - atMillis) * perMilli);
            atMillis = nowMillis;
            // A flood is over when half of them are back.
            told &= left < limit / 2.0;
            return left >= 1 ? Duration.ZERO : Duration.ofMillis((long) Math.ceil((1 - left) / perMilli));
        }
    }

    private final Clock clock;
    private final Map<String, Bucket> all = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST;
        }
    };

    Buckets(Clock clock) {
        this.clock = clock;
    }

    /** Takes a go of each, or none when one of them has none left. */
    synchronized Draw take(Key... keys) {
        Draw draw = look(keys);
        if (!draw.refused()) {
            for (Key key : keys) {
                bucket(key).left--;
            }
        }
        return draw;
    }

    /** Whether there is a go of each, without taking one. */
    synchronized Draw look(Key... keys) {
        Duration longest = Duration.ZERO;
        boolean told = false;
        for (Key key : keys) {
            Bucket bucket = bucket(key);
            Duration pause = bucket.pause(key.limit(), clock.millis());
            longest = pause.compareTo(longest) > 0 ? pause : longest;
            told |= bucket.told;
        }
        if (longest.isZero()) {
            return new Draw(longest, false);
        }
        for (Key key : keys) {
            bucket(key).told = true;
        }
        return new Draw(longest, !told);
    }

    /** What was taken turned out to cost nothing. */
    synchronized void giveBack(Key... keys) {
        for (Key key : keys) {
            Bucket bucket = bucket(key);
            bucket.left = Math.min(key.limit(), bucket.left + 1);
        }
    }

    private Bucket bucket(Key key) {
        return all.computeIfAbsent(key.name(), name -> new Bucket(key.limit(), clock.millis()));
    }
}
