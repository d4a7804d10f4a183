package dev.berth.tenancy;

import dev.berth.common.BerthConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Ends grants each minute, and checks the ledger each hour; that several web processes do is harmless. */
@ApplicationScoped
class QuotaJobs {
    private static final Logger LOG = Logger.getLogger(QuotaJobs.class);

    private final BerthConfig berth;
    private final Grants grants;
    private final LedgerCheck check;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "quota-jobs");
        thread.setDaemon(true);
        return thread;
    });

    QuotaJobs(BerthConfig berth, Grants grants, LedgerCheck check) {
        this.berth = berth;
        this.grants = grants;
        this.check = check;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            timer.scheduleWithFixedDelay(() -> attempt(grants::expire), 1, 1, TimeUnit.MINUTES);
            timer.scheduleWithFixedDelay(() -> attempt(check::run), 5, 60, TimeUnit.MINUTES);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private static void attempt(Runnable job) {
        try {
            job.run();
        } catch (RuntimeException e) {
            // A task that throws is never run again.
            LOG.warnf("Looking after quotas: %s", e.getMessage());
        }
    }
}
