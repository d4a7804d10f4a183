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

    Map<String, String> facts() {
        return Map.of(TOTAL, Long.toString(total), FREE, Long.toString(free));
    }

    public static Optional<StorageSpace> of(Map<String, String> facts) {
        return facts.containsKey(TOTAL) && facts.containsKey(FREE)
                ? Optional.of(new StorageSpace(Long.parseLong(facts.get(TOTAL)), Long.parseLong(facts.get(FREE))))
                : Optional.empty();
    }
}
