package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.DiskSpeed;
import dev.berth.hypervisor.GuestSpeed;
import dev.berth.machines.StorageSpeeds;
import dev.berth.machines.StorageSpeeds.Speed;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Named;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was measured of this installation's own disks, in words, wherever a kind of storage is chosen. */
@Named("speeds")
@RequestScoped
public class SpeedWords {
    private static final long MEGABYTE = 1_000_000;

    private final StorageSpeeds speeds;
    private final StorageProfiles profiles;
    private List<Speed> known;

    SpeedWords(StorageSpeeds speeds, StorageProfiles profiles) {
        this.speeds = speeds;
        this.profiles = profiles;
    }

    /** Of the slowest host that was measured; empty when none was. */
    public String words(UUID profileId) {
        return words(
                slowest(speed -> speed.profileId().equals(profileId)),
                all().stream()
                        .filter(Speed::knownInside)
                        .filter(speed -> speed.profileId().equals(profileId))
                        .map(Speed::inside)
                        .min(Comparator.comparingLong(GuestSpeed::writeBytes)));
    }

    /** The same of all profiles of a kind. */
    public String ofKind(String kind) {
        return words(
                fastestOfKind(kind),
                ofProfiles(kind)
                        .filter(Speed::knownInside)
                        .map(Speed::inside)
                        .max(Comparator.comparingLong(GuestSpeed::writeBytes)));
    }

    private Optional<DiskSpeed> fastestOfKind(String kind) {
        return ofProfiles(kind)
                .filter(Speed::known)
                .map(Speed::figures)
                .max(Comparator.comparingLong(DiskSpeed::writeBytes));
    }

    private Stream<Speed> ofProfiles(String kind) {
        if (all().isEmpty()) {
            return Stream.empty();
        }
        Set<UUID> ids = profiles.list().stream()
                .filter(profile -> profile.kind().equals(kind) && !profile.retired())
                .map(Profile::id)
                .collect(Collectors.toSet());
        return all().stream().filter(speed -> ids.contains(speed.profileId()));
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

    private Optional<DiskSpeed> slowest(Predicate<Speed> which) {
        return all().stream()
                .filter(Speed::known)
                .filter(which)
                .map(Speed::figures)
                .min(Comparator.comparingLong(DiskSpeed::writeBytes));
    }

    private List<Speed> all() {
        if (known == null) {
            known = speeds.known();
        }
        return known;
    }

    private String words(Optional<DiskSpeed> host, Optional<GuestSpeed> guest) {
        return Stream.concat(host.map(this::words).stream(), guest.map(this::words).stream())
                .collect(Collectors.joining(" "));
    }

    private String words(GuestSpeed figures) {
        return "Inside a guest here: writes %s and reads %s."
                .formatted(rate(figures.writeBytes()), rate(figures.readBytes()));
    }

    /** {@code Here: writes 420 MB/s and reads 1,300 MB/s; ...}. */
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
