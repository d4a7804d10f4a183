package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.KindField;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an admin says of snapshots on a storage profile, the same for all kinds that have them. */
public final class SnapshotSettings {
    private static final String DAYS = "snapshotDays";

    private SnapshotSettings() {}

    static List<KindField> fields() {
        return List.of(KindField.optional(
                        DAYS,
                        "Delete snapshots after",
                        "Days. Empty for as long as Berth's own settings let any snapshot live.",
                        "14")
                .changeable()
                .in("Snapshots"));
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        String days = config.getOrDefault(DAYS, "");
        if (!days.isEmpty() && !days.matches("[1-9]\\d{0,3}")) {
            problems.put(DAYS, "Write a whole number of days from 1 to 9999, or leave it empty.");
        }
        return problems;
    }

    /** How old a snapshot on such a profile may get; empty if it says nothing of it. */
    public static Optional<Duration> age(Map<String, String> config) {
        String days = config.getOrDefault(DAYS, "");
        return days.isEmpty() ? Optional.empty() : Optional.of(Duration.ofDays(Long.parseLong(days)));
    }
}
