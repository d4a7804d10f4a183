package dev.berth.provisioning;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.machines.DeviceState;
import dev.berth.machines.DeviceStatus;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** Looks at the devices that are registered on a host, and wipes those whose data an admin agreed to overwrite. */
@ApplicationScoped
class DeviceWork {
    private static final Logger LOG = Logger.getLogger(DeviceWork.class);

    private final DeviceStatus status;
    private final Set<UUID> underWay = ConcurrentHashMap.newKeySet();
    /** Wiping takes as long as it takes; nothing else waits for it. */
    private final ExecutorService wipes = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "device-wipes");
        thread.setDaemon(true);
        return thread;
    });

    private volatile boolean stopping;

    DeviceWork(DeviceStatus status) {
        this.status = status;
    }

    /** Of a profile that hands out no devices there are none to look at. */
    void look(Hypervisor hypervisor, Host host, Profile profile) {
        look(hypervisor, host, profile, row -> true);
    }

    /** What was begun for a device is brought to its end, though its profile is retired. */
    void finish(Hypervisor hypervisor, Host host, Profile profile) {
        look(
                hypervisor,
                host,
                profile,
                row -> row.state() == DeviceState.CHECKING || row.state() == DeviceState.WIPING);
    }

    /** Whether something is still to be done for a device of the profile, or a disk has one, on whichever host. */
    boolean busy(Profile profile) {
        return status.busy(profile.id());
    }

    private void look(Hypervisor hypervisor, Host host, Profile profile, Predicate<DeviceStatus.Row> which) {
        StorageSpec storage = StorageProfiles.spec(profile);
        for (DeviceStatus.Row row :
                status.rows(profile.id(), host.id()).stream().filter(which).toList()) {
            if (row.state() == DeviceState.WIPING) {
                wipeSoon(hypervisor, storage, row);
                continue;
            }
            try {
                status.looked(row, hypervisor.lookAtDevice(storage, row.path(), row.thorough()));
            } catch (HypervisorException e) {
                LOG.warnf("Device %s of host %s: %s", row.path(), host.name(), e.getMessage());
            }
        }
    }

    private void wipeSoon(Hypervisor hypervisor, StorageSpec storage, DeviceStatus.Row row) {
        if (!stopping && underWay.add(row.id())) {
            wipes.execute(() -> {
                try {
                    wipe(hypervisor, storage, row);
                } finally {
                    underWay.remove(row.id());
                }
            });
        }
    }

    private void wipe(Hypervisor hypervisor, StorageSpec storage, DeviceStatus.Row row) {
        AtomicInteger told = new AtomicInteger();
        Progress progress = (done, total) -> {
            if (stopping) {
                throw new Steps.StoppingException();
            }
            int percent = total == 0 ? 0 : (int) (100.0 * done / total);
            if (told.getAndSet(percent) != percent) {
                status.wiping(row, percent);
            }
        };
        try {
            hypervisor.wipeDevice(storage, row.path(), progress);
            status.wiped(row)
                    .ifPresent(fresh -> status.looked(fresh, hypervisor.lookAtDevice(storage, row.path(), true)));
        } catch (Steps.StoppingException e) {
            LOG.debugf("Device %s is wiped when the worker is back", row.path());
        } catch (HypervisorException e) {
            status.notWiped(row, e.getMessage());
        } catch (RuntimeException e) {
            LOG.errorf(e, "Device %s could not be wiped", row.path());
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        wipes.shutdownNow();
    }
}
