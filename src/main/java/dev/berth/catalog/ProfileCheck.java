package dev.berth.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a host said when it was last asked whether it can offer a profile.
 *
 * @param problems sentences that keep machines away from the host
 * @param advice sentences that do not
 * @param facts what the profile's kind found, by names of its own
 */
public record ProfileCheck(
        UUID profileId,
        UUID hostId,
        String hostName,
        List<String> problems,
        List<String> advice,
        Map<String, String> facts,
        Instant checkedAt) {
    public boolean good() {
        return problems.isEmpty();
    }
}
