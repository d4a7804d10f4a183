package dev.berth.tenancy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a quota limits, in the order in which people read it. */
public enum Resource {
    MACHINES("machines", ""),
    VCPUS("vCPUs", ""),
    MEMORY_MIB("memory", "MiB"),
    DISK_GIB("disk", "GiB"),
    FORWARDS("forwarded ports", ""),
    SNAPSHOTS("snapshots", ""),
    /** Of one storage profile. */
    STORAGE_GIB("disk", "GiB"),
    /** Of one network profile: each network card has one. */
    ADDRESSES("addresses", "");

    /** Those that a tenant has as a whole; the others are limited profile by profile, or not at all. */
    public static final List<Resource> WHOLE =
            Arrays.stream(values()).filter(resource -> !resource.scoped()).toList();

    private final String label;
    private final String unit;

    Resource(String label, String unit) {
        this.label = label;
        this.unit = unit;
    }

    /** The name in the API and in the database: {@code memory_mib}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether each profile has a line of its own. */
    public boolean scoped() {
        return this == STORAGE_GIB || this == ADDRESSES;
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
            case STORAGE_GIB -> "Delete a disk, choose another storage profile";
            case ADDRESSES -> "Remove a network card, choose another network";
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
