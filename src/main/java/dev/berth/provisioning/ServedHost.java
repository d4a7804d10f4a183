package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.Scheduler;
import dev.berth.common.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a worker does for one of its hosts: the host's jobs, and what is done for it again and again, each with threads
 * of its own. So a host that hangs or is slow holds up neither another host nor the report that it does.
 */
final class ServedHost implements AutoCloseable {
    private final String name;
    private final Scheduler jobs;
    private final Rounds checks;
    private final List<Rounds> rounds = new ArrayList<>();

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
        Rounds own = thread(what);
        rounds.add(own);
        own.every(Duration.ZERO, pause, work, failure(what));
    }

    /** Checks the profiles again and again, one check at a time; the first after one pause. */
    void checkEvery(Duration pause, Runnable check) {
        checks.every(pause, check, failure("checks"));
    }

    /** Checks soon, after what is being checked. */
    void check(Runnable check) {
        checks.soon(check, failure("checks"));
    }

    private Rounds thread(String what) {
        return new Rounds("worker-" + name + '-' + what);
    }

    private String failure(String what) {
        return "A round of host " + name + " failed (" + what + ")";
    }

    /** Nothing new begins; jobs under way are waited for. */
    @Override
    public void close() {
        rounds.forEach(Rounds::close);
        checks.close();
        jobs.stop();
    }
}
