package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DeviceKind;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The devices that storage profiles hand out whole: admins register and retire them, disks claim and release them. What
 * hosts say of them, {@link DeviceStatus} writes down.
 */
@ApplicationScoped
public class Devices {
    private static final long GIB = 1L << 30;

    @ApplicationScoped
    static class DeviceRepository implements PanacheRepositoryBase<DeviceEntity, UUID> {}

    private final DeviceRepository devices;
    private final StorageProfiles storage;
    private final DiskKinds kinds;
    private final Hosts hosts;
    private final Audit audit;
    private final Clock clock;

    Devices(DeviceRepository devices, StorageProfiles storage, DiskKinds kinds, Hosts hosts, Audit audit, Clock clock) {
        this.devices = devices;
        this.storage = storage;
        this.kinds = kinds;
        this.hosts = hosts;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether disks of the profile are whole devices, handed out from those that are registered. */
    public boolean handedOut(Profile profile) {
        return kind(profile).isPresent();
    }

    private Optional<DeviceKind> kind(Profile profile) {
        try {
            return kinds.get(profile.kind()) instanceof DeviceKind kind
                            && kind.abilities().contains(Ability.WHOLE_DEVICE)
                    ? Optional.of(kind)
                    : Optional.empty();
        } catch (HypervisorException e) {
            return Optional.empty();
        }
    }

    /** The profile's devices, by host and path. */
    @Transactional
    public List<Device> list(Caller caller, Profile profile) {
        caller.requireSeesAll();
        return devices.getEntityManager()
                .createQuery(
                        """
                        select e, m from DeviceEntity e
                          left join DiskEntity d on d.volume = e.volume
                          left join MachineEntity m on m.id = d.machineId
                         where e.storageProfileId = :profile order by e.hostName, e.path""",
                        Object[].class)
                .setParameter("profile", profile.id())
                .getResultStream()
                .map(row -> ((DeviceEntity) row[0]).toDevice((MachineEntity) row[1]))
                .toList();
    }

    /**
     * The devices of a profile on one host that are there, in use or to be had.
     *
     * @param freeBytes what can be handed out of them
     */
    public record Stock(String hostName, long devices, long free, long bytes, long freeBytes) {}

    /** What is registered for each of these profiles, by host. */
    @Transactional
    public Map<UUID, List<Stock>> stock(Caller caller, Collection<UUID> profileIds) {
        caller.requireSeesAll();
        return devices.getEntityManager()
                .createQuery(
                        """
                        select storageProfileId, hostName, count(*), sum(case when state = :free then 1 else 0 end),
                               sum(sizeBytes), sum(case when state = :free then sizeBytes else 0 end)
                          from DeviceEntity where storageProfileId in :ids and state not in :others
                         group by storageProfileId, hostName order by hostName""",
                        Object[].class)
                .setParameter("free", DeviceState.FREE)
                .setParameter("ids", profileIds)
                .setParameter("others", List.of(DeviceState.REFUSED, DeviceState.LOST))
                .getResultStream()
                .collect(Collectors.groupingBy(
                        row -> (UUID) row[0],
                        Collectors.mapping(
                                row -> new Stock(
                                        (String) row[1], (Long) row[2], (Long) row[3], (Long) row[4], (Long) row[5]),
                                Collectors.toList())));
    }

    /** @throws ProblemException not found, also when it is another profile's */
    @Transactional
    public Device get(Caller caller, Profile profile, UUID id) {
        return list(caller, profile).stream()
                .filter(device -> device.id().equals(id))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("device"));
    }

    /**
     * Has disks of the profile handed out on this device of the host, once the host has looked at it and found that
     * nothing uses it and that it holds nothing.
     */
    @Transactional
    public Device register(Caller caller, Profile profile, String hostName, String path) {
        caller.requireAdmin();
        DeviceKind kind = kind(profile)
                .orElseThrow(() -> ProblemException.conflict(
                        "no-devices", "Profiles of the kind " + profile.kind() + " hand out no devices."));
        Optional<Host> host =
                hosts.list().stream().filter(one -> one.name().equals(hostName)).findFirst();
        String problem = kind.problem(path);
        new Checks()
                .require("host", host.isPresent(), "Choose one of the hosts.")
                .require("path", problem.isEmpty(), problem)
                .throwIfAny();
        if (devices.count("hostId = ?1 and path = ?2", host.get().id(), path) > 0) {
            throw ProblemException.conflict(
                    "taken", "The device " + path + " of host " + hostName + " is registered already.");
        }
        DeviceEntity device = new DeviceEntity();
        device.id = UUID.randomUUID();
        device.storageProfileId = profile.id();
        device.hostId = host.get().id();
        device.hostName = hostName;
        device.path = path;
        device.registeredBy = caller.username();
        device.registeredAt = clock.instant();
        devices.persistAndFlush(device);
        audit.record(caller, "device.register", subject(device), Map.of("profile", profile.slug(), "host", hostName));
        storage.check(caller, profile.slug());
        return device.toDevice(null);
    }

    /**
     * Has what a refused device holds overwritten. Never one that is in use.
     *
     * @param typed the device's name, typed by the person who agrees
     */
    @Transactional
    public Device agree(Caller caller, Profile profile, UUID id, String typed) {
        DeviceEntity device = forChange(caller, profile, id);
        if (device.state != DeviceState.REFUSED || !device.overwritable) {
            throw ProblemException.conflict(
                    "wrong-state", "There is nothing to agree to: the device is " + words(device) + ".");
        }
        String name = device.toDevice(null).name();
        if (!name.equals(typed.strip()) && !device.path.equals(typed.strip())) {
            throw ProblemException.invalid("name", "Type " + name + " to have what it holds overwritten.");
        }
        audit.record(caller, "device.overwrite", subject(device), Map.of("found", device.reason));
        device.agreed = true;
        device.wipedPercent = 0;
        device.become(DeviceState.WIPING, device.reason, false);
        storage.check(caller, profile.slug());
        return device.toDevice(null);
    }

    /**
     * Takes the device out of the profile; what lies on it stays. Not while a disk has it, unless the device is gone from
     * its host: then the disk is given up, and its machine can be deleted.
     */
    @Transactional
    public void retire(Caller caller, Profile profile, UUID id) {
        DeviceEntity device = forChange(caller, profile, id);
        if (device.volume != null && !device.isGone()) {
            throw ProblemException.conflict(
                    "wrong-state", "A machine's disk is on this device. Delete the machine or move its disk first.");
        }
        if (device.volume != null) {
            audit.record(caller, "device.give-up", subject(device), Map.of("volume", device.volume));
            devices.getEntityManager()
                    .createQuery("update DiskEntity set place = '' where volume = :volume")
                    .setParameter("volume", device.volume)
                    .executeUpdate();
        }
        audit.record(
                caller, "device.retire", subject(device), Map.of("profile", profile.slug(), "host", device.hostName));
        devices.delete(device);
    }

    private DeviceEntity forChange(Caller caller, Profile profile, UUID id) {
        caller.requireAdmin();
        return devices.find("id = ?1 and storageProfileId = ?2", id, profile.id())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("device"));
    }

    private static String words(DeviceEntity device) {
        return device.state.label().toLowerCase(java.util.Locale.ROOT);
    }

    private static Audit.Subject subject(DeviceEntity device) {
        return Audit.Subject.global("device", device.id, device.path);
    }

    /**
     * Hands out the smallest free device that is large enough, in the caller's transaction. Asked again for the same
     * volume, it is the same device.
     *
     * @return its place, for {@link dev.berth.hypervisor.DiskSpec#place}
     * @throws ProblemException conflict when there is none
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public String claim(Profile profile, UUID hostId, long sizeGib, UUID volume) {
        devices.flush();
        return devices.find("volume", volume)
                .firstResultOptional()
                .map(device -> device.path)
                .or(() -> claimed(profile.id(), hostId, Math.multiplyExact(sizeGib, GIB), volume))
                .orElseThrow(
                        () -> ProblemException.conflict(
                                "no-device",
                                "The storage " + profile.slug() + " has no free device of " + sizeGib
                                        + " GiB or more left on the host. Choose another storage, try again later or ask an admin."));
    }

    /** How large the device is that was handed out for the volume, in bytes; empty when none was. */
    @Transactional(Transactional.TxType.MANDATORY)
    Optional<Long> bytes(UUID volume) {
        return devices.find("volume", volume).firstResultOptional().map(device -> device.sizeBytes);
    }

    private Optional<String> claimed(UUID profileId, UUID hostId, long bytes, UUID volume) {
        return devices.getEntityManager()
                .createNativeQuery(
                        """
                        update device set state = 'IN_USE', volume = :volume, reason = '', version = version + 1
                         where id = (select id from device
                                      where storage_profile_id = :profile and host_id = :host and state = 'FREE'
                                        and size_bytes >= :bytes
                                      order by size_bytes, path limit 1 for update skip locked)
                        returning path""",
                        String.class)
                .setParameter("volume", volume)
                .setParameter("profile", profileId)
                .setParameter("host", hostId)
                .setParameter("bytes", bytes)
                .getResultStream()
                .map(String.class::cast)
                .findFirst();
    }

    /**
     * These volumes are off their devices, wiped. Each device's host looks at it once more before it is free. Volumes
     * that have no device are none of ours.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void release(Collection<UUID> volumes) {
        if (volumes.isEmpty()) {
            return;
        }
        List<DeviceEntity> held = devices.find("volume in ?1 order by id", volumes)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
        for (DeviceEntity device : held) {
            device.volume = null;
            device.agreed = false;
            device.become(DeviceState.CHECKING, "", false);
        }
        held.stream().map(device -> device.storageProfileId).distinct().forEach(this::look);
    }

    private void look(UUID profileId) {
        storage.find(profileId).ifPresent(profile -> storage.check(Caller.system("worker"), profile.slug()));
    }
}
