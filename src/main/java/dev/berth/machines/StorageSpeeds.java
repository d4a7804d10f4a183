package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.DiskSpeed;
import dev.berth.hypervisor.GuestSpeed;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** How fast each host's disks on a storage profile are: measured when an admin asks for it, and shown with the traits. */
@ApplicationScoped
public class StorageSpeeds {
    @ApplicationScoped
    static class SpeedRepository implements PanacheRepositoryBase<StorageSpeedEntity, UUID> {}

    /**
     * What is known of one host's disks.
     *
     * @param id names what is measured on the host
     * @param wanted it is to be measured, or is being
     * @param problem why it could not be measured last time, a sentence; or empty
     * @param measuredAt null when it never was
     * @param inside how fast a guest of {@code template} found its disk, measured by a boot test
     * @param insideAt null when no guest was asked
     */
    public record Speed(
            UUID id,
            UUID profileId,
            String hostName,
            boolean wanted,
            String problem,
            DiskSpeed figures,
            Instant measuredAt,
            GuestSpeed inside,
            String template,
            Instant insideAt) {
        public boolean known() {
            return measuredAt != null;
        }

        public boolean knownInside() {
            return insideAt != null;
        }
    }

    private final SpeedRepository speeds;
    private final StorageProfiles storage;
    private final Devices devices;
    private final Audit audit;
    private final Clock clock;

    StorageSpeeds(SpeedRepository speeds, StorageProfiles storage, Devices devices, Audit audit, Clock clock) {
        this.speeds = speeds;
        this.storage = storage;
        this.devices = devices;
        this.audit = audit;
        this.clock = clock;
    }

    /** Has every host that can offer the profile measure a disk on it. */
    @Transactional
    public List<Speed> measure(Caller caller, String slug) {
        caller.requireAdmin();
        Profile profile = storage.get(caller, slug);
        List<ProfileCheck> able =
                storage.checks(profile.id()).stream().filter(ProfileCheck::good).toList();
        if (profile.retired() || able.isEmpty()) {
            throw ProblemException.conflict(
                    "no-host",
                    profile.retired()
                            ? "The profile is retired. Offer it again first."
                            : "No host can offer the profile now, so there is nothing to measure. See what its hosts say.");
        }
        // One statement each: two admins may ask at once.
        able.forEach(check -> speeds.getEntityManager()
                .createNativeQuery(
                        """
                        insert into storage_speed (id, profile_id, host_id, host_name, wanted, requested_by, requested_at)
                        values (:id, :profile, :host, :name, true, :by, :at)
                        on conflict (profile_id, host_id) do update
                           set host_name = excluded.host_name, wanted = true, problem = '',
                               requested_by = excluded.requested_by, requested_at = excluded.requested_at""")
                .setParameter("id", UUID.randomUUID())
                .setParameter("profile", profile.id())
                .setParameter("host", check.hostId())
                .setParameter("name", check.hostName())
                .setParameter("by", caller.username())
                .setParameter("at", clock.instant())
                .executeUpdate());
        audit.record(
                caller,
                "storage-profile.measure",
                Audit.Subject.global("storage-profile", profile.id(), profile.slug()),
                Map.of("hosts", able.stream().map(ProfileCheck::hostName).toList()));
        storage.check(caller, slug);
        return of(profile.id());
    }

    /** By host. */
    @Transactional
    public List<Speed> of(UUID profileId) {
        return speeds.find("profileId = ?1 order by hostName", profileId).stream()
                .map(StorageSpeedEntity::toSpeed)
                .toList();
    }

    /** All that was ever measured. */
    @Transactional
    public List<Speed> known() {
        return speeds.find("measuredAt is not null or guestMeasuredAt is not null order by hostName").stream()
                .map(StorageSpeedEntity::toSpeed)
                .toList();
    }

    /** What the host has to measure, if anything. For the worker, as is all below. */
    @Transactional
    public Optional<Speed> wanted(UUID profileId, UUID hostId) {
        return speeds.find("profileId = ?1 and hostId = ?2 and wanted = true", profileId, hostId)
                .firstResultOptional()
                .map(StorageSpeedEntity::toSpeed);
    }

    /**
     * The device to measure on, for profiles that hand out devices; asked again, it is the same one.
     *
     * @return its place, or empty for other profiles
     * @throws ProblemException conflict when none is free
     */
    @Transactional
    public String place(Profile profile, UUID hostId, UUID speedId) {
        return devices.handedOut(profile) ? devices.claim(profile, hostId, 1, speedId) : "";
    }

    @Transactional
    public void measured(UUID speedId, DiskSpeed figures) {
        end(speedId, speed -> {
            speed.writeBytes = figures.writeBytes();
            speed.readBytes = figures.readBytes();
            speed.writeOps = figures.writeOps();
            speed.readOps = figures.readOps();
            speed.measuredAt = clock.instant();
        });
    }

    @Transactional
    public void failed(UUID speedId, String problem) {
        end(speedId, speed -> speed.problem = problem);
    }

    /** What a guest of the template has found. */
    void measuredInside(UUID profileId, UUID hostId, String hostName, String template, String by, GuestSpeed figures) {
        speeds.getEntityManager()
                .createNativeQuery(
                        """
                        insert into storage_speed (id, profile_id, host_id, host_name, wanted, requested_by, requested_at,
                                                   guest_write_bytes, guest_read_bytes, guest_template, guest_measured_at)
                        values (:id, :profile, :host, :name, false, :by, :at, :write, :read, :template, :at)
                        on conflict (profile_id, host_id) do update
                           set host_name = excluded.host_name, guest_write_bytes = excluded.guest_write_bytes,
                               guest_read_bytes = excluded.guest_read_bytes, guest_template = excluded.guest_template,
                               guest_measured_at = excluded.guest_measured_at""")
                .setParameter("id", UUID.randomUUID())
                .setParameter("profile", profileId)
                .setParameter("host", hostId)
                .setParameter("name", hostName)
                .setParameter("by", by)
                .setParameter("at", clock.instant())
                .setParameter("write", figures.writeBytes())
                .setParameter("read", figures.readBytes())
                .setParameter("template", template)
                .executeUpdate();
    }

    private void end(UUID speedId, Consumer<StorageSpeedEntity> with) {
        StorageSpeedEntity speed = speeds.findById(speedId, LockModeType.PESSIMISTIC_WRITE);
        speed.wanted = false;
        with.accept(speed);
        devices.release(List.of(speedId));
    }
}
