package dev.berth.common;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What is done again and again in threads of its own, with a pause after each round. A round that fails is logged, and
 * the next one comes all the same.
 */
public final class Rounds implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Rounds.class);

    private final ScheduledExecutorService threads;

    /** @param name the thread's */
    public Rounds(String name) {
        this(name, 1);
    }

    /**
     * @param name of each of its threads
     * @param count how many there are, so that as many kinds of work go on beside each other
     */
    public Rounds(String name, int count) {
        threads = Executors.newScheduledThreadPool(count, work -> {
            Thread daemon = new Thread(work, name);
            daemon.setDaemon(true);
            return daemon;
        });
    }

    public void every(Duration pause, Runnable work, String failure) {
        every(pause, pause, work, failure);
    }

    /**
     * @param first until the first round
     * @param failure what it means that a round failed, as the beginning of a line of the log
     * @return to cancel it alone
     */
    public Future<?> every(Duration first, Duration pause, Runnable work, String failure) {
        return threads.scheduleWithFixedDelay(
                () -> attempt(work, failure), first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Once, as soon as a thread is free; not at all after the end. */
    public void soon(Runnable work, String failure) {
        try {
            threads.execute(() -> attempt(work, failure));
        } catch (RejectedExecutionException e) {
            LOG.tracef("Asked for after the end: %s", failure);
        }
    }

    private static void attempt(Runnable work, String failure) {
        try {
            work.run();
        } catch (RuntimeException e) {
            // A task that throws is never run again.
            LOG.warnf("%s: %s", failure, e);
        }
    }

    /** Interrupts a round that is under way. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
