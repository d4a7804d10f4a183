package dev.berth.tenancy;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** What somebody takes of a quota, line by line; nothing is left out and nothing counts twice. */
public final class Amounts {
    private final SortedMap<QuotaLine, Long> lines;

    private Amounts(SortedMap<QuotaLine, Long> lines) {
        this.lines = Collections.unmodifiableSortedMap(lines);
    }

    public static Amounts none() {
        return new Amounts(new TreeMap<>());
    }

    public static Amounts of(Resource resource, long amount) {
        return none().and(QuotaLine.of(resource), amount);
    }

    public static Amounts of(Map<Resource, Long> amounts) {
        Amounts all = none();
        for (Map.Entry<Resource, Long> each : amounts.entrySet()) {
            all = all.and(QuotaLine.of(each.getKey()), each.getValue());
        }
        return all;
    }

    /** So many GiB on a storage profile: of the tenant's disks as a whole, and of those there. */
    public static Amounts ofDisk(UUID profileId, String slug, long gib) {
        return of(Resource.DISK_GIB, gib).and(QuotaLine.storage(profileId, slug), gib);
    }

    /** The same and this; what is not more than 0 is left out. */
    public Amounts and(QuotaLine line, long amount) {
        SortedMap<QuotaLine, Long> more = new TreeMap<>(lines);
        if (amount > 0) {
            more.merge(line, amount, Long::sum);
        }
        return new Amounts(more);
    }

    public long get(QuotaLine line) {
        return lines.getOrDefault(line, 0L);
    }

    /** In the order in which rows are locked. */
    SortedMap<QuotaLine, Long> lines() {
        return lines;
    }
}
