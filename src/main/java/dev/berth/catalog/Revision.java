package dev.berth.catalog;

import dev.berth.security.Caller;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One numbered state of a template; it never changes, only its {@code state} does.
 *
 * @param storage what disks may be on
 * @param shares the directories that machines may share
 */
public record Revision(
        UUID id,
        UUID templateId,
        int number,
        RevisionState state,
        Boot boot,
        List<Size> sizes,
        List<Profile> networks,
        List<Profile> storage,
        List<Profile> shares,
        String notes,
        String createdBy,
        Instant createdAt,
        String decidedBy,
        Instant decidedAt) {
    /** The storage profiles of either sort. */
    public List<Profile> allStorage() {
        return Stream.concat(storage.stream(), shares.stream()).toList();
    }

    /** The same without others' private profiles. */
    Revision visibleTo(Caller caller) {
        return new Revision(
                id,
                templateId,
                number,
                state,
                boot,
                sizes,
                networks.stream().filter(profile -> profile.visibleTo(caller)).toList(),
                storage.stream().filter(profile -> profile.visibleTo(caller)).toList(),
                shares.stream().filter(profile -> profile.visibleTo(caller)).toList(),
                notes,
                createdBy,
                createdAt,
                decidedBy,
                decidedAt);
    }
}
