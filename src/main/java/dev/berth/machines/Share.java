package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.hypervisor.ShareMount;
import java.util.UUID;

/**
 * A directory that a machine shares, as people see it.
 *
 * @param mount how a Linux guest mounts it
 * @param note what a person should know of it for now, or empty
 */
public record Share(UUID id, Profile storage, ShareMount mount, State state, String note) {
    /** How far it is. */
    public enum State {
        ADDING("adding", "Being added"),
        PRESENT("present", "Shared"),
        AT_NEXT_START("at-next-start", "At the next start"),
        REMOVING("removing", "Being removed");

        private final String key;
        private final String label;

        State(String key, String label) {
            this.key = key;
            this.label = label;
        }

        /** The word in the API. */
        public String key() {
            return key;
        }

        public String label() {
            return label;
        }

        /** A worker is at it, or will be soon. */
        public boolean changing() {
            return this == ADDING || this == REMOVING;
        }
    }
}
