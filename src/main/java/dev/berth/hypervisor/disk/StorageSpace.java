package dev.berth.hypervisor.disk;

import java.util.Map;
import java.util.Optional;

/**
 * How much room a host has for a storage profile's disks, as a check's facts carry it.
 *
 * @param total bytes in all
 * @param free bytes that nothing lies on yet
 */
public record StorageSpace(long total, long free) {
    private static final String TOTAL = "spaceTotal";
    private static final String FREE = "spaceFree";
    private static final String LARGEST = "spaceLargest";

    Map<String, String> facts() {
        return Map.of(TOTAL, Long.toString(total), FREE, Long.toString(free));
    }

    public static Optional<StorageSpace> of(Map<String, String> facts) {
        return facts.containsKey(TOTAL) && facts.containsKey(FREE)
                ? Optional.of(new StorageSpace(Long.parseLong(facts.get(TOTAL)), Long.parseLong(facts.get(FREE))))
                : Optional.empty();
    }

    /** The same for a kind whose disks take all of their size at once. @param largest bytes that one disk can have */
    Map<String, String> facts(long largest) {
        return Map.of(TOTAL, Long.toString(total), FREE, Long.toString(free), LARGEST, Long.toString(largest));
    }

    /** Bytes that one more disk can have, where the kind knows. */
    public static Optional<Long> largest(Map<String, String> facts) {
        return Optional.ofNullable(facts.get(LARGEST)).map(Long::parseLong);
    }
}
