package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.hypervisor.GuestAddress;
import java.util.UUID;

/**
 * A machine's network card as people see it.
 *
 * @param position from 0; the first one's address is the machine's
 * @param address the address it was given, or null where the network gives none
 * @param seenAddress the address seen in use on it, or null as long as none was
 * @param guest how the guest is to get the address
 * @param note what a person should know of it for now, or empty
 * @param forwards how many forwarded ports lead to it
 */
public record Nic(
        UUID id,
        int position,
        Profile network,
        String mac,
        String address,
        String seenAddress,
        GuestAddress guest,
        State state,
        String note,
        long forwards) {
    /** How far a card is. */
    public enum State {
        ADDING("adding", "Being added"),
        PRESENT("present", "Plugged in"),
        REMOVING("removing", "Being removed"),
        AT_NEXT_START("at-next-start", "At the next start");

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
    }

    public String networkSlug() {
        return network.slug();
    }

    /** The address it was given, or else the one seen on it, or null. */
    public String shownAddress() {
        return address == null ? seenAddress : address;
    }
}
