package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.KindField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How QEMU treats a disk, the same for all kinds: caching, what becomes of freed blocks, and speed limits, as libvirt's
 * {@code <driver>} and {@code <iotune>} have them.
 *
 * @param readBytes bytes a second, 0 for no limit; as are the other three
 * @see <a href="https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms">libvirt: disks</a>
 */
public record DiskSettings(
        String cache, String discard, long readBytes, long writeBytes, long readOperations, long writeOperations) {
    private static final String CACHE = "cache";
    private static final String DISCARD = "discard";
    private static final String OVERCOMMIT = "overcommit";
    private static final String READ_MB = "readMb";
    private static final String WRITE_MB = "writeMb";
    private static final String READ_IOPS = "readIops";
    private static final String WRITE_IOPS = "writeIops";
    private static final long MEGABYTE = 1_000_000;
    private static final long MOST = 1_000_000;

    /** @param caches the ways of caching that the kind can have, its own choice first */
    static List<KindField> fields(String... caches) {
        List<KindField> fields = new ArrayList<>();
        fields.add(KindField.choice(
                        CACHE,
                        "Cache",
                        "none goes past the host's memory; writeback is faster and safe with guests that flush;"
                                + " writethrough and directsync wait for each write. Takes effect at a machine's next start.",
                        caches)
                .changeable()
                .in("Behaviour"));
        fields.add(KindField.choice(
                        DISCARD,
                        "Freed blocks",
                        "unmap gives blocks that a guest frees back to the storage; ignore keeps them."
                                + " Takes effect at a machine's next start.",
                        "unmap",
                        "ignore")
                .changeable()
                .in("Behaviour"));
        fields.add(KindField.optional(
                        OVERCOMMIT,
                        "Promise at most",
                        "Percent of the space on a host that disks may be promised in all: over 100 for thin disks"
                                + " that seldom fill up. Empty for no limit.",
                        "150")
                .changeable()
                .in("Space"));
        fields.add(limit(READ_MB, "Read at most", "MB/s for each disk.", "200"));
        fields.add(limit(WRITE_MB, "Write at most", "MB/s for each disk.", "100"));
        fields.add(limit(READ_IOPS, "Reads a second", "Operations for each disk.", "2000"));
        fields.add(limit(WRITE_IOPS, "Writes a second", "Operations for each disk.", "1000"));
        return fields;
    }

    private static KindField limit(String name, String label, String unit, String example) {
        return KindField.optional(
                        name, label, unit + " Empty for no limit. Can be changed while machines run.", example)
                .changeable()
                .in("Speed limits");
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        for (String name : List.of(READ_MB, WRITE_MB, READ_IOPS, WRITE_IOPS)) {
            String text = config.getOrDefault(name, "");
            if (!text.isEmpty() && (!text.matches("[1-9]\\d{0,6}") || Long.parseLong(text) > MOST)) {
                problems.put(name, "Write a whole number from 1 to " + MOST + ", or leave it empty.");
            }
        }
        String overcommit = config.getOrDefault(OVERCOMMIT, "");
        if (!overcommit.isEmpty() && !overcommit.matches("[1-9]\\d{0,3}")) {
            problems.put(OVERCOMMIT, "Write a whole number of percent from 1 to 9999, or leave it empty.");
        }
        return problems;
    }

    /** How much of a host's space disks may be promised in all, in percent; empty for no limit. */
    public static Optional<Long> overcommitPercent(Map<String, String> config) {
        String text = config.getOrDefault(OVERCOMMIT, "");
        return text.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(text));
    }

    /** The settings in a profile that has no {@link #problems}. @param cache the kind's own choice */
    static DiskSettings of(Map<String, String> config, String cache) {
        return new DiskSettings(
                text(config, CACHE, cache),
                text(config, DISCARD, "unmap"),
                number(config, READ_MB) * MEGABYTE,
                number(config, WRITE_MB) * MEGABYTE,
                number(config, READ_IOPS),
                number(config, WRITE_IOPS));
    }

    public boolean limited() {
        return readBytes > 0 || writeBytes > 0 || readOperations > 0 || writeOperations > 0;
    }

    private static String text(Map<String, String> config, String name, String unset) {
        String text = config.getOrDefault(name, "");
        return text.isEmpty() ? unset : text;
    }

    private static long number(Map<String, String> config, String name) {
        String text = config.getOrDefault(name, "");
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
