package dev.berth.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What passes by itself for a template, and how long a lease may be at all. A request within all of the first four
 * needs nobody's yes.
 */
public record Policy(int maxVcpus, long maxMemoryMib, long maxDiskGib, int maxLeaseHours, int longestLeaseHours) {
    /** For the audit log. */
    public Map<String, Object> fields() {
        return Map.of(
                "maxVcpus", maxVcpus,
                "maxMemoryMib", maxMemoryMib,
                "maxDiskGib", maxDiskGib,
                "maxLeaseHours", maxLeaseHours,
                "longestLeaseHours", longestLeaseHours);
    }

    /** Why a request needs an approval, each a part of a sentence; empty when it passes by itself. */
    public List<String> objections(Size size, int leaseHours) {
        List<String> why = new ArrayList<>();
        if (size.vcpus() > maxVcpus) {
            why.add("more than " + maxVcpus + " vCPUs");
        }
        if (size.memoryMib() > maxMemoryMib) {
            why.add("more than " + maxMemoryMib + " MiB of memory");
        }
        if (size.diskGib() > maxDiskGib) {
            why.add("more than " + maxDiskGib + " GiB of disk");
        }
        if (leaseHours > maxLeaseHours) {
            why.add("a lease over " + maxLeaseHours + " hours");
        }
        return why;
    }
}
