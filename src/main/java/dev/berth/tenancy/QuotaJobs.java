package dev.berth.tenancy;

import dev.berth.common.BerthConfig;
import dev.berth.common.Rounds;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/** Ends grants each minute, and checks the ledger each hour; that several web processes do is harmless. */
@ApplicationScoped
class QuotaJobs {
    private final BerthConfig berth;
    private final Grants grants;
    private final LedgerCheck check;
    private final Rounds rounds = new Rounds("quota-jobs");

    QuotaJobs(BerthConfig berth, Grants grants, LedgerCheck check) {
        this.berth = berth;
        this.grants = grants;
        this.check = check;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(Duration.ofMinutes(1), grants::expire, "Grants could not be ended");
            rounds.every(Duration.ofMinutes(5), Duration.ofHours(1), check::run, "The ledger could not be checked");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        rounds.close();
    }
}
