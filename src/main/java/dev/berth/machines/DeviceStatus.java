package dev.berth.machines;

import dev.berth.hypervisor.disk.DeviceLook;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What hosts say of registered devices. For the worker: what it says of a state that has moved on counts no more. */
@ApplicationScoped
public class DeviceStatus {
    /** A device to look at. @param version of what the look is for */
    public record Row(UUID id, String path, DeviceState state, long version) {
        /** Whether reading samples of it tells something. */
        public boolean thorough() {
            return state != DeviceState.IN_USE && state != DeviceState.FREE;
        }
    }

    private final Devices.DeviceRepository devices;
    private final Clock clock;

    DeviceStatus(Devices.DeviceRepository devices, Clock clock) {
        this.devices = devices;
        this.clock = clock;
    }

    @Transactional
    public List<Row> rows(UUID profileId, UUID hostId) {
        return devices.find("storageProfileId = ?1 and hostId = ?2 order by path", profileId, hostId).stream()
                .map(DeviceStatus::row)
                .toList();
    }

    /** Whether disks have devices of the profile, or something is still to be done for one, on whichever host. */
    @Transactional
    public boolean busy(UUID profileId) {
        return devices.count(
                        "storageProfileId = ?1 and state in ?2",
                        profileId,
                        List.of(DeviceState.CHECKING, DeviceState.WIPING, DeviceState.IN_USE))
                > 0;
    }

    private static Row row(DeviceEntity device) {
        return new Row(device.id, device.path, device.state, device.version);
    }

    /** The host has looked. */
    @Transactional
    public void looked(Row row, DeviceLook look) {
        current(row).ifPresent(device -> {
            device.lookedAt = clock.instant();
            if (look.there()) {
                device.resolved = look.resolved();
                device.sizeBytes = look.bytes();
                device.serial = look.serial();
                device.model = look.model();
            } else {
                device.resolved = "";
            }
            if (device.state == DeviceState.IN_USE) {
                device.reason = look.there() ? "" : "The device is not on its host. Connect it again.";
            } else if (device.state != DeviceState.WIPING) {
                judge(device, look);
            }
        });
    }

    private void judge(DeviceEntity device, DeviceLook look) {
        Optional<String> twin = look.there() ? twin(device) : Optional.empty();
        if (!look.there()) {
            device.become(DeviceState.LOST, "The device is not on its host. Connect it, or retire it.", false);
        } else if (!look.inUse().isEmpty()) {
            device.become(DeviceState.REFUSED, look.inUse(), false);
        } else if (twin.isPresent()) {
            device.become(
                    DeviceState.REFUSED,
                    "It is the same device as " + twin.get() + ", which is registered already. Retire one of them.",
                    false);
        } else if (!look.data().isEmpty()) {
            device.become(DeviceState.REFUSED, look.data(), true);
        } else {
            device.become(DeviceState.FREE, "", false);
        }
    }

    /** Another path that leads to the same device. Of the two, the one that was registered first counts. */
    private Optional<String> twin(DeviceEntity device) {
        return devices
                .find(
                        "(hostId = ?1 or ?4 = true) and resolved = ?2 and id <> ?3 order by registeredAt",
                        device.hostId,
                        device.resolved,
                        device.id,
                        device.resolved.startsWith(DeviceLook.ANY_HOST))
                .stream()
                .filter(other -> other.volume != null || other.registeredAt.isBefore(device.registeredAt))
                .map(other -> other.path)
                .findFirst();
    }

    /**
     * Nothing is left on a device that was to be overwritten.
     *
     * @return the device as it is to be looked at now
     */
    @Transactional
    public Optional<Row> wiped(Row row) {
        return current(row).map(device -> {
            device.become(DeviceState.CHECKING, "", false);
            device.wipedPercent = 0;
            return row(device);
        });
    }

    /** So much of it is wiped. */
    @Transactional
    public void wiping(Row row, int percent) {
        current(row).ifPresent(device -> device.wipedPercent = percent);
    }

    /** It could not be overwritten; it will be tried again. */
    @Transactional
    public void notWiped(Row row, String why) {
        current(row).ifPresent(device -> device.reason = why);
    }

    private Optional<DeviceEntity> current(Row row) {
        return Optional.ofNullable(devices.findById(row.id(), LockModeType.PESSIMISTIC_WRITE))
                .filter(device -> device.version == row.version());
    }
}
