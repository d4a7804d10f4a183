package dev.berth.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Says what there is that holds a part of a quota, for {@link LedgerCheck}: a CDI bean for each kind of thing. */
public interface LedgerSource {
    /**
     * A thing and what it should hold of a line.
     *
     * @param least what it may hold at least; less than {@code most} while a stopped machine may have given back
     * @param user whose share it counts in, or null
     * @param words what it is: {@code machine web1}
     */
    record Fact(
            UUID holder,
            UUID tenantId,
            QuotaLine line,
            long least,
            long most,
            boolean pending,
            UUID user,
            String words) {}

    /**
     * Something that counts and of which its host shows nothing.
     *
     * @param machineId null for a disk that is kept by itself
     * @param words a sentence
     * @param vcpus 0 for a disk
     * @param since when its host was last found without it; null when that is not known
     * @param path where in the portal it is put right
     */
    record Missing(
            UUID machineId,
            String tenantSlug,
            String hostName,
            String name,
            String words,
            int vcpus,
            long memoryMib,
            long diskGib,
            Instant since,
            String path) {}

    /** All that there is, of one tenant or of all. @param tenantId null for all */
    List<Fact> facts(UUID tenantId);

    /** Who may hold something beside that, because it is about to come. */
    default Set<UUID> comers() {
        return Set.of();
    }

    default List<Missing> missing() {
        return List.of();
    }
}
