package dev.berth.provisioning;

import io.quarkus.runtime.configuration.ConfigUtils;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CountDownLatch;
import org.jboss.logging.Logger;

/**
 * Lets the fault tests kill a worker at a known place: between a step's work and the note that it is done; or ask it
 * to stop there, and then the step goes on. Does nothing unless the program runs under the profile {@code fault}, which
 * only those tests do.
 */
@ApplicationScoped
class FaultHold {
    private static final Logger LOG = Logger.getLogger(FaultHold.class);

    private final String step;
    private final CountDownLatch stopping = new CountDownLatch(1);

    FaultHold(ProvisioningConfig config) {
        step = ConfigUtils.isProfileActive("fault") ? config.holdAfter().orElse("") : "";
    }

    void after(String done) {
        if (done.equals(step)) {
            LOG.infof("HOLD after %s", done);
            try {
                stopping.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The worker was asked to stop. */
    void release() {
        stopping.countDown();
    }
}
