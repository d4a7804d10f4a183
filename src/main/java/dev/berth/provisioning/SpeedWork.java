package dev.berth.provisioning;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.machines.BootTests;
import dev.berth.machines.StorageSpeeds;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/** Measures how fast disks on a storage profile are, one after another: two at once would measure each other. */
@ApplicationScoped
class SpeedWork {
    private static final Logger LOG = Logger.getLogger(SpeedWork.class);

    private final StorageSpeeds speeds;
    private final BootTests bootTests;
    private final Set<UUID> underWay = ConcurrentHashMap.newKeySet();
    private final ExecutorService measuring = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "disk-speeds");
        thread.setDaemon(true);
        return thread;
    });

    private volatile boolean stopping;

    SpeedWork(StorageSpeeds speeds, BootTests bootTests) {
        this.speeds = speeds;
        this.bootTests = bootTests;
    }

    /** Ends boot tests on the host whose machines have come up, or have not; disks are measured inside first. */
    void lookAtBootTests(Hypervisor hypervisor) {
        for (UUID test : bootTests.underWay(hypervisor.host())) {
            bootTests.look(test).ifPresent(machine -> begin(test, () -> measureInside(hypervisor, test, machine)));
        }
    }

    private void measureInside(Hypervisor hypervisor, UUID test, UUID machine) {
        try {
            bootTests.measured(test, hypervisor.measureInside(machine));
        } catch (HypervisorException e) {
            if (!stopping) {
                bootTests.notMeasured(test, e.getMessage());
            }
        }
    }

    /** What is wanted is begun, and what a worker that died left is done again. */
    void look(Hypervisor hypervisor, Host host, Profile profile) {
        speeds.wanted(profile.id(), host.id())
                .ifPresent(speed -> begin(speed.id(), () -> measure(hypervisor, host, profile, speed.id())));
    }

    private void begin(UUID id, Runnable work) {
        if (stopping || !underWay.add(id)) {
            return;
        }
        measuring.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.errorf(e, "Disks could not be measured: %s", id);
            } finally {
                underWay.remove(id);
            }
        });
    }

    private void measure(Hypervisor hypervisor, Host host, Profile profile, UUID id) {
        if (profile.retired()) {
            speeds.failed(id, "The profile has been retired.");
            return;
        }
        try {
            String place = speeds.place(profile, host.id(), id);
            DiskSpec disk = new DiskSpec(id, id, null, "", 1, StorageProfiles.spec(profile), null, place);
            speeds.measured(id, hypervisor.measureDisk(disk));
        } catch (ProblemException e) {
            speeds.failed(id, "No device is free to be measured. Register one, or ask again when one has come back.");
        } catch (HypervisorException e) {
            if (!stopping) {
                speeds.failed(id, e.getMessage());
            }
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        measuring.shutdownNow();
    }
}
