package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.machines.KnownVolumes;
import dev.berth.machines.Stray;
import dev.berth.machines.Strays;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * The job "remove this stray from its host". It looks again whether it is still nothing's: what has become somebody's
 * is left alone, and so is a domain without this installation's mark, and a volume that any domain of the host has.
 */
@ApplicationScoped
class StrayTask {
    private static final Logger LOG = Logger.getLogger(StrayTask.class);
    private static final Duration AFTER_ERROR = Duration.ofSeconds(10);

    private final Hypervisors hypervisors;
    private final Hosts hosts;
    private final Strays strays;
    private final KnownVolumes volumes;
    private final StorageProfiles storage;
    private final ProvisioningConfig config;
    private final Clock clock;
    private volatile boolean stopping;

    StrayTask(
            Hypervisors hypervisors,
            Hosts hosts,
            Strays strays,
            KnownVolumes volumes,
            StorageProfiles storage,
            ProvisioningConfig config,
            Clock clock) {
        this.hypervisors = hypervisors;
        this.hosts = hosts;
        this.strays = strays;
        this.volumes = volumes;
        this.storage = storage;
        this.config = config;
        this.clock = clock;
    }

    /** The process is about to end: work that is under way goes back to the queue. */
    void stopSoon() {
        stopping = true;
    }

    CustomTask<Void> forHost(String hostName) {
        FailureHandler<Void> later = (complete, operations) ->
                operations.reschedule(complete, clock.instant().plus(AFTER_ERROR));
        return Tasks.custom(DbQueue.STRAY_PREFIX + hostName, Void.class)
                .onFailure(later)
                .onDeadExecutionRevive()
                .execute((instance, context) -> {
                    Outcome outcome = work(UUID.fromString(instance.getId()), hostName);
                    return (ExecutionComplete complete, ExecutionOperations<Void> operations) -> {
                        if (outcome.again() == null) {
                            operations.stop();
                        } else {
                            operations.reschedule(complete, clock.instant().plus(outcome.again()));
                        }
                    };
                });
    }

    private Outcome work(UUID id, String hostName) {
        Optional<Stray> found = strays.unwanted(id);
        if (found.isEmpty()) {
            return Outcome.DONE;
        }
        Stray stray = found.get();
        try {
            if (stray.kind() == Stray.Kind.DOMAIN) {
                removeDomain(hypervisors.get(hostName), stray);
            } else {
                removeVolume(hypervisors.get(hostName), stray);
            }
            strays.gone(id);
            return Outcome.DONE;
        } catch (Steps.StoppingException e) {
            return Outcome.again(Duration.ZERO);
        } catch (HypervisorException e) {
            LOG.warnf("%s on host %s was not removed: %s", stray.name(), hostName, e.getMessage());
            boolean refused = e.reason() == Reason.REJECTED;
            strays.note(id, e.getMessage(), refused);
            if (refused) {
                return Outcome.DONE;
            }
            return Outcome.after(e, config.retryPauses());
        }
    }

    private void removeDomain(Hypervisor host, Stray stray) {
        if (!strays.unknownDomains(host.host(), Set.of(stray.ref())).isEmpty()) {
            host.removeDomain(stray.ref(), hosts.installationId());
        }
    }

    private void removeVolume(Hypervisor host, Stray stray) {
        StorageSpec place = storage.find(Set.of(stray.profileId())).stream()
                .map(StorageProfiles::spec)
                .findFirst()
                .orElseThrow();
        if (volumes.unknown(Set.of(stray.ref())).isEmpty()
                || !host.volumes(place).contains(stray.ref())) {
            return;
        }
        DiskSpec disk = host.volume(place, stray.ref());
        List<String> users = host.users(disk);
        if (!users.isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "It is a disk of " + String.join(", ", users) + " on host " + host.host()
                            + ". Remove that machine there first, or leave the disk alone.");
        }
        host.deleteDisk(disk, (done, total) -> {
            if (stopping) {
                throw new Steps.StoppingException();
            }
        });
    }
}
