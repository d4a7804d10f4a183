package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.DiskSpeed;
import dev.berth.machines.StorageSpeeds;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Named;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What was measured of this installation's own disks, in words, wherever a kind of storage is chosen. */
@Named("speeds")
@RequestScoped
public class SpeedWords {
    private static final long MEGABYTE = 1_000_000;

    private final StorageSpeeds speeds;
    private final StorageProfiles profiles;
    private List<StorageSpeeds.Speed> known;

    SpeedWords(StorageSpeeds speeds, StorageProfiles profiles) {
        this.speeds = speeds;
        this.profiles = profiles;
    }

    /** Of the slowest host that was measured; empty when none was. */
    public String words(UUID profileId) {
        return slowest(speed -> speed.profileId().equals(profileId))
                .map(this::words)
                .orElse("");
    }

    /** The same of all profiles of a kind. */
    public String ofKind(String kind) {
        return fastestOfKind(kind).map(this::words).orElse("");
    }

    private Optional<DiskSpeed> fastestOfKind(String kind) {
        if (all().isEmpty()) {
            return Optional.empty();
        }
        var ids = profiles.list().stream()
                .filter(profile -> profile.kind().equals(kind) && !profile.retired())
                .map(Profile::id)
                .collect(Collectors.toSet());
        return all().stream()
                .filter(speed -> ids.contains(speed.profileId()))
                .map(StorageSpeeds.Speed::figures)
                .max(Comparator.comparingLong(DiskSpeed::writeBytes));
    }

    /** Bytes a second that are written in large pieces; 0 when that was not measured. */
    long pace(UUID profileId) {
        return slowest(speed -> speed.profileId().equals(profileId))
                .map(DiskSpeed::writeBytes)
                .orElse(0L);
    }

    long paceOfKind(String kind) {
        return fastestOfKind(kind).map(DiskSpeed::writeBytes).orElse(0L);
    }

    private Optional<DiskSpeed> slowest(Predicate<StorageSpeeds.Speed> which) {
        return all().stream()
                .filter(which)
                .map(StorageSpeeds.Speed::figures)
                .min(Comparator.comparingLong(DiskSpeed::writeBytes));
    }

    private List<StorageSpeeds.Speed> all() {
        if (known == null) {
            known = speeds.known();
        }
        return known;
    }

    /** {@code Writes 420 MB/s, reads 1,300 MB/s; ...}. */
    private String words(DiskSpeed figures) {
        return "Here: writes %s and reads %s; %s small writes and %s small reads a second."
                .formatted(
                        rate(figures.writeBytes()),
                        rate(figures.readBytes()),
                        count(figures.writeOps()),
                        count(figures.readOps()));
    }

    /** {@code 1,300 MB/s}. */
    public String rate(long bytes) {
        return count(Math.max(1, Math.round((double) bytes / MEGABYTE))) + " MB/s";
    }

    /** {@code 12,000}, to two places that count. */
    public String count(long number) {
        long unit = 1;
        while (number / unit >= 100) {
            unit *= 10;
        }
        return String.format(Locale.ROOT, "%,d", Math.round((double) number / unit) * unit);
    }
}
