package dev.berth.machines;

import dev.berth.common.BerthConfig;
import dev.berth.common.Rounds;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Looks at leases now and then and does what is due. Of all processes one does so at a time; that another takes over in
 * the middle is harmless, since each machine's step is one transaction that looks at the machine's row again.
 */
@ApplicationScoped
public class LeaseKeeper {
    private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

    private final BerthConfig berth;
    private final LeasesConfig config;
    private final LeaseWatch watch;
    private final LeaseSteps steps;
    private final Rounds rounds = new Rounds("leases");

    LeaseKeeper(BerthConfig berth, LeasesConfig config, LeaseWatch watch, LeaseSteps steps) {
        this.berth = berth;
        this.config = config;
        this.watch = watch;
        this.steps = steps;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(config.lookInterval(), this::look, "Leases could not be looked at");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        rounds.close();
    }

    synchronized void look() {
        Optional<LeaseWatch.Count> count = watch.look().filter(LeaseWatch.Count::calm);
        if (count.isPresent()) {
            List<UUID> due = steps.due();
            due.forEach(machine -> step(machine, count.get()));
        }
    }

    private void step(UUID machine, LeaseWatch.Count count) {
        try {
            QuarkusTransaction.requiringNew().run(() -> steps.take(machine, count));
        } catch (RuntimeException e) {
            LOG.warnf("The lease of machine %s waits for the next look: %s", machine, e.getMessage());
        }
    }
}
