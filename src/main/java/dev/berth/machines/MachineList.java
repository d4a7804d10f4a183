package dev.berth.machines;

import dev.berth.common.ProblemException;
import java.util.UUID;

/**
 * What a machine list shows; null means any.
 *
 * @param tenantId one tenant, or null for all that the caller sees
 * @param text part of a name or address
 * @param sort how it is ordered; ties are broken by id
 */
public record MachineList(UUID tenantId, MachineState state, LeaseState lease, UUID ownerId, String text, Sort sort) {
    /** The columns that the list can be ordered by. */
    public enum Sort {
        NAME("name", "name", false),
        CREATED("created", "createdAt", true),
        LEASE("lease", "leaseUntil", false),
        OWNER("owner", "ownerName", false),
        STATE("state", "state", false);

        private final String key;
        private final String field;
        private final boolean descending;

        Sort(String key, String field, boolean descending) {
            this.key = key;
            this.field = field;
            this.descending = descending;
        }

        /** The word in the URL. */
        public String key() {
            return key;
        }

        String field() {
            return field;
        }

        boolean descending() {
            return descending;
        }

        /** @param key a word from the URL; null or empty is the newest first */
        public static Sort of(String key) {
            if (key == null || key.isEmpty()) {
                return CREATED;
            }
            for (Sort sort : values()) {
                if (sort.key.equals(key)) {
                    return sort;
                }
            }
            throw ProblemException.invalid("sort", "Sort by name, created, lease, owner or state.");
        }
    }
}
