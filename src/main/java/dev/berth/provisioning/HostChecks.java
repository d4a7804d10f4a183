package dev.berth.provisioning;

import dev.berth.catalog.HostInventory;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HostStorage;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.hypervisor.disk.DeviceOffers;
import dev.berth.machines.KnownVolumes;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Asks hosts whether they can offer the profiles, and keeps what they say. A host that does not answer keeps what it
 * said last: that it is away is known elsewhere.
 */
@ApplicationScoped
class HostChecks {
    private static final Logger LOG = Logger.getLogger(HostChecks.class);
    private static final int MOST_NAMED = 5;

    private final Hypervisors hypervisors;
    private final Hosts hosts;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final HostInventory inventory;
    private final DeviceWork devices;
    private final KnownVolumes volumes;
    private final SpeedWork speeds;

    HostChecks(
            Hypervisors hypervisors,
            Hosts hosts,
            NetworkProfiles networks,
            StorageProfiles storage,
            HostInventory inventory,
            DeviceWork devices,
            KnownVolumes volumes,
            SpeedWork speeds) {
        this.hypervisors = hypervisors;
        this.hosts = hosts;
        this.networks = networks;
        this.storage = storage;
        this.inventory = inventory;
        this.devices = devices;
        this.volumes = volumes;
        this.speeds = speeds;
    }

    /** Looks at every profile that is on offer, and at what the host has for others. */
    void all(String hostName) {
        takeStock(hostName);
        look(hostName, profile -> !profile.retired());
        try {
            Hypervisor hypervisor = hypervisors.get(hostName);
            Host host = host(hostName);
            chosen(storage, Profile::retired).forEach(profile -> wind(hypervisor, host, profile));
        } catch (HypervisorException e) {
            LOG.debugf("Host %s could not be asked about retired profiles: %s", hostName, e.getMessage());
        }
    }

    /** A retired profile: what was begun comes to its end, and when nothing is left of it, its secret goes, too. */
    private void wind(Hypervisor hypervisor, Host host, Profile profile) {
        devices.finish(hypervisor, host, profile);
        speeds.look(hypervisor, host, profile);
        if (storage.abilities(profile).contains(Ability.SIGNED_IN)
                && !devices.busy(profile)
                && storage.usedBy(profile.id()) == 0) {
            hypervisor.removeStorage(StorageProfiles.spec(profile));
        }
    }

    /** Looks at this one, of whichever family it is. */
    void one(String hostName, UUID profileId) {
        look(hostName, profile -> profile.id().equals(profileId));
    }

    private void takeStock(String hostName) {
        try {
            HostStorage found = hypervisors.get(hostName).storage();
            hosts.list().stream()
                    .filter(host -> host.name().equals(hostName))
                    .forEach(host -> inventory.seen(host.id(), hostName, found));
        } catch (HypervisorException e) {
            LOG.debugf("Host %s could not be asked what it has: %s", hostName, e.getMessage());
        }
    }

    private void look(String hostName, Predicate<Profile> which) {
        try {
            Hypervisor hypervisor = hypervisors.get(hostName);
            Host host = host(hostName);
            for (Profile profile : chosen(networks, which)) {
                keep(networks, profile, host, () -> hypervisor.checkNetwork(NetworkProfiles.spec(profile)));
            }
            for (Profile profile : chosen(storage, which)) {
                keep(storage, profile, host, () -> check(hypervisor, profile));
                devices.look(hypervisor, host, profile);
                speeds.look(hypervisor, host, profile);
                if (profile.retired()) {
                    wind(hypervisor, host, profile);
                }
            }
        } catch (HypervisorException e) {
            LOG.debugf("Host %s could not be asked about profiles: %s", hostName, e.getMessage());
        }
    }

    private HostCheck check(Hypervisor hypervisor, Profile profile) {
        HostCheck check = hypervisor.checkStorage(StorageProfiles.spec(profile));
        // Before and after: a disk may come or go while the host is asked.
        Set<UUID> known = volumes.of(profile.id());
        Set<UUID> there = new TreeSet<>(hypervisor.volumes(StorageProfiles.spec(profile)));
        known.addAll(volumes.of(profile.id()));
        there.removeAll(known);
        HostCheck knowing = check.good() ? check.knowing(DeviceOffers.facts(found(hypervisor, profile))) : check;
        return there.isEmpty() ? knowing : knowing.advising(leftOver(there));
    }

    /** Devices of the profile that forms can offer. That they can't be listed does not matter: they can be typed. */
    private static List<DeviceLook> found(Hypervisor hypervisor, Profile profile) {
        try {
            return hypervisor.devices(StorageProfiles.spec(profile));
        } catch (HypervisorException e) {
            if (e.reason() == HypervisorException.Reason.UNREACHABLE) {
                throw e;
            }
            LOG.debugf("The devices of %s can't be listed: %s", profile.slug(), e.getMessage());
            return List.of();
        }
    }

    private static String leftOver(Set<UUID> volumes) {
        return "Left over here, and no disk of this installation: "
                + volumes.stream().limit(MOST_NAMED).map(UUID::toString).collect(Collectors.joining(", "))
                + (volumes.size() > MOST_NAMED ? " and " + (volumes.size() - MOST_NAMED) + " more" : "")
                + ". Berth leaves them alone. Look what they are; the ledger check has a button that removes them.";
    }

    private Host host(String name) {
        return hosts.list().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<Profile> chosen(Profiles<?> profiles, Predicate<Profile> which) {
        return profiles.list().stream().filter(which).toList();
    }

    /** @throws HypervisorException when the host no longer answers: there is no use in asking it for the rest */
    private static void keep(Profiles<?> profiles, Profile profile, Host host, Supplier<HostCheck> look) {
        HostCheck check;
        try {
            check = look.get();
        } catch (HypervisorException e) {
            if (e.reason() == HypervisorException.Reason.UNREACHABLE) {
                throw e;
            }
            check = HostCheck.problems(List.of(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.errorf(e, "The check of profile %s on host %s failed", profile.slug(), host.name());
            check = HostCheck.problems(List.of("The check itself failed on host " + host.name()
                    + ". Its worker's log says why; check again when that is put right."));
        }
        profiles.checked(profile.id(), host.id(), host.name(), check);
    }
}
