package dev.berth.tenancy;

/** What a quota limits. The order is the order in which rows are locked, so that two takes can't wait on each other. */
public enum Resource {
    MACHINES("machines", ""),
    VCPUS("vCPUs", ""),
    MEMORY_MIB("memory", "MiB"),
    DISK_GIB("disk", "GiB"),
    FORWARDS("forwarded ports", ""),
    SNAPSHOTS("snapshots", "");

    private final String label;
    private final String unit;

    Resource(String label, String unit) {
        this.label = label;
        this.unit = unit;
    }

    /** The name in the API and in the database: {@code memory_mib}. */
    public String key() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public String label() {
        return label;
    }

    public String unit() {
        return unit;
    }

    /** What makes room without an admin. */
    String remedy() {
        return switch (this) {
            case FORWARDS -> "Close a port";
            case DISK_GIB -> "Delete a machine or a disk";
            case SNAPSHOTS -> "Delete a snapshot";
            default -> "Delete a machine";
        };
    }

    /** An amount for people: {@code 4 GiB of memory}, {@code 3 vCPUs}. */
    public String amount(long value) {
        if (this == MEMORY_MIB) {
            return value % 1024 == 0 ? value / 1024 + " GiB" : value + " MiB";
        }
        return unit.isEmpty() ? Long.toString(value) : value + " " + unit;
    }
}
