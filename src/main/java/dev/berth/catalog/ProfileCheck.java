package dev.berth.catalog;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What a host said when it was last asked whether it can offer a profile; each entry is a sentence. */
public record ProfileCheck(
        UUID profileId, UUID hostId, String hostName, List<String> problems, List<String> advice, Instant checkedAt) {
    public boolean good() {
        return problems.isEmpty();
    }
}
