package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What a worker does for one of its hosts: the host's jobs, and what is done for it again and again, each with threads
 * of its own. So a host that hangs or is slow holds up neither another host nor the report that it does.
 */
final class ServedHost implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ServedHost.class);

    private final String name;
    private final Scheduler jobs;
    private final ScheduledExecutorService checks;
    private final List<ScheduledExecutorService> rounds = new ArrayList<>();

    ServedHost(String name, Scheduler jobs) {
        this.name = name;
        this.jobs = jobs;
        this.checks = thread("checks");
    }

    void start() {
        jobs.start();
    }

    /** Jobs may have become due. */
    void wake() {
        jobs.triggerCheckForDueExecutions();
    }

    /** Does it now and then again and again, with this pause, beside everything else. */
    void every(Duration pause, String what, Runnable work) {
        rounds.add(thread(what));
        rounds.get(rounds.size() - 1).scheduleWithFixedDelay(work, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Checks the profiles again and again, one check at a time; the first after one pause. */
    void checkEvery(Duration pause, Runnable check) {
        checks.scheduleWithFixedDelay(check, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Checks soon, after what is being checked. */
    void check(Runnable check) {
        try {
            checks.execute(check);
        } catch (RejectedExecutionException e) {
            LOG.trace("A check was asked for after the end", e);
        }
    }

    private ScheduledExecutorService thread(String what) {
        return Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "worker-" + name + '-' + what);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Nothing new begins; jobs under way are waited for. */
    @Override
    public void close() {
        rounds.forEach(ScheduledExecutorService::shutdownNow);
        checks.shutdownNow();
        jobs.stop();
    }
}
