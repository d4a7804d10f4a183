package dev.berth.provisioning;

import io.quarkus.runtime.configuration.ConfigUtils;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CountDownLatch;
import org.jboss.logging.Logger;

/**
 * Lets the fault tests kill a worker at a known place: between a step's work and the note that it is done. Does
 * nothing unless the program runs under the profile {@code fault}, which only those tests do.
 */
@ApplicationScoped
class FaultHold {
    private static final Logger LOG = Logger.getLogger(FaultHold.class);

    private final String step;

    FaultHold(ProvisioningConfig config) {
        step = ConfigUtils.isProfileActive("fault") ? config.holdAfter().orElse("") : "";
    }

    void after(String done) {
        if (done.equals(step)) {
            LOG.infof("HOLD after %s", done);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
