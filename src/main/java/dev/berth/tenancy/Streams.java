package dev.berth.tenancy;

import dev.berth.common.BerthConfig;
import dev.berth.common.ProblemException;
import dev.berth.common.Rounds;
import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.LoginEnded;
import dev.berth.tenancy.Standing.Holder;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The event streams that pages hold open in this process: how many there may be, and that each ends when its login or
 * its right does, at once or after {@link #RECHECK}.
 */
@ApplicationScoped
public class Streams {
    /** How often it is looked at whether their people still may. */
    static final Duration RECHECK = Duration.ofSeconds(10);

    /** Told in turns, so that a connection that broke is noticed. */
    public static final String BEAT = "beat";
    /** Told as well where a provider has the last word: the page calls once, so that its login is looked at. */
    public static final String SEEN = "seen";

    private static final Duration HEARTBEAT = Duration.ofSeconds(20);
    private static final Duration LIFETIME = Duration.ofMinutes(10);
    private static final int MOST = 2_000;
    private static final int MOST_OF_ONE = 30;

    /**
     * One stream.
     *
     * @param may whether it may go on, by what its holder may by now
     * @param end ends it; may come from any thread and more than once
     */
    public record Open(Holder holder, Predicate<Caller> may, Runnable end) {}

    private final BerthConfig berth;
    private final Standing standing;
    private final Rounds rounds = new Rounds("streams-recheck");
    /** By identity: records of two streams may be equal. */
    private final Map<Open, Boolean> open = new IdentityHashMap<>();

    private boolean closed;

    Streams(BerthConfig berth, Standing standing) {
        this.berth = berth;
        this.standing = standing;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(RECHECK, this::recheck, "Whether open pages still may hear was not looked at");
        }
    }

    /** How long one lasts at most. A page connects again after it, and is asked again whether it still may. */
    public Duration lifetime() {
        return LIFETIME;
    }

    /** What is told besides, again and again. */
    public Multi<String> beats() {
        List<String> told = standing.provided() ? List.of(BEAT, SEEN) : List.of(BEAT);
        return Multi.createFrom()
                .ticks()
                .every(HEARTBEAT)
                .onOverflow()
                .drop()
                .onItem()
                .transformToIterable(tick -> told);
    }

    /** @throws ProblemException when this person has too many open, or all have */
    public synchronized void requireRoom(UUID userId) {
        if (closed || open.size() >= MOST || of(userId) >= MOST_OF_ONE) {
            throw ProblemException.tooMany(
                    "too-many-streams",
                    "Live updates are not available right now: too many pages are open. Close some, and reload to see"
                            + " changes.");
        }
    }

    /** @return false when there is no room any more: it is not kept, and has to end by itself */
    public synchronized boolean add(Open stream) {
        if (closed || open.size() >= MOST || of(stream.holder().userId()) >= MOST_OF_ONE) {
            return false;
        }
        open.put(stream, true);
        return true;
    }

    public synchronized void remove(Open stream) {
        open.remove(stream);
    }

    private long of(UUID userId) {
        return open.keySet().stream()
                .filter(stream -> stream.holder().userId().equals(userId))
                .count();
    }

    private synchronized List<Open> all() {
        return List.copyOf(open.keySet());
    }

    void ended(@Observes LoginEnded ended) {
        if (ended.id().isEmpty()) {
            recheck();
            return;
        }
        all().stream()
                .filter(stream -> stream.holder().credential().kind() == Credential.Kind.LOGIN
                        && stream.holder().credential().id().equals(ended.id()))
                .forEach(stream -> stream.end().run());
    }

    private void recheck() {
        List<Open> streams = all();
        Map<Holder, Caller> callers = standing.watching(
                new HashSet<>(streams.stream().map(Open::holder).toList()));
        for (Open stream : streams) {
            Caller caller = callers.get(stream.holder());
            if (caller == null || !stream.may().test(caller)) {
                stream.end().run();
            }
        }
    }

    /** Streams end before the HTTP server does, so that no page takes it for a broken connection. */
    void stop(@Observes ShutdownDelayInitiatedEvent event) {
        rounds.close();
        List<Open> streams;
        synchronized (this) {
            closed = true;
            streams = all();
        }
        streams.forEach(stream -> stream.end().run());
    }
}
