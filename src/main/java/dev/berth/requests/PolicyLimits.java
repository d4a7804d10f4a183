package dev.berth.requests;

import dev.berth.catalog.Policy;
import dev.berth.common.Checks;
import dev.berth.tenancy.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Up to where something is decided at one level. A figure that is null, and a set that is empty, does not matter.
 *
 * @param leaseHours the longest lease
 * @param machines how many machines of the template the team may have at once, with the one that is asked for
 * @param networkKinds the kinds of network that are within it
 * @param storageKinds likewise of disk
 */
public record PolicyLimits(
        Integer vcpus,
        Long memoryMib,
        Long diskGib,
        Integer leaseHours,
        Long machines,
        Set<String> networkKinds,
        Set<String> storageKinds) {
    private static final int MOST = 1_000_000_000;

    public PolicyLimits {
        networkKinds = networkKinds == null ? Set.of() : new TreeSet<>(networkKinds);
        storageKinds = storageKinds == null ? Set.of() : new TreeSet<>(storageKinds);
    }

    static PolicyLimits of(Policy policy) {
        return new PolicyLimits(
                policy.maxVcpus(),
                policy.maxMemoryMib(),
                policy.maxDiskGib(),
                policy.maxLeaseHours(),
                null,
                Set.of(),
                Set.of());
    }

    /** What goes beyond it, each a part of a sentence; empty when all is within. */
    List<String> objections(PolicyFacts facts) {
        List<String> why = new ArrayList<>();
        if (over(facts.vcpus(), vcpus)) {
            why.add("more than " + vcpus + " vCPUs");
        }
        if (over(facts.memoryMib(), memoryMib)) {
            why.add("more than " + memoryMib + " MiB of memory");
        }
        if (over(facts.diskGib(), diskGib)) {
            why.add("more than " + diskGib + " GiB of disk");
        }
        if (over(facts.leaseHours(), leaseHours)) {
            why.add("a lease over " + leaseHours + " hours");
        }
        if (machines != null && facts.machines().getAsLong() > machines) {
            why.add("more than " + machines + " machines of the template at once");
        }
        if (outside(facts.networkKind(), networkKinds)) {
            why.add("a network of the kind " + facts.networkKind());
        }
        if (outside(facts.storageKind(), storageKinds)) {
            why.add("storage of the kind " + facts.storageKind());
        }
        return why;
    }

    private static boolean over(Number asked, Number most) {
        return asked != null && most != null && asked.longValue() > most.longValue();
    }

    private static boolean outside(String kind, Set<String> within) {
        return kind != null && !within.isEmpty() && !within.contains(kind);
    }

    /** {@code up to 2 vCPUs, 2 GiB of memory, a lease of 48 hours}; {@code anything} without limits. */
    public String words() {
        List<String> parts = new ArrayList<>();
        add(parts, vcpus, vcpus + " vCPUs");
        add(parts, memoryMib, memoryMib == null ? "" : Resource.MEMORY_MIB.amount(memoryMib) + " of memory");
        add(parts, diskGib, diskGib + " GiB of disk");
        add(parts, leaseHours, "a lease of " + leaseHours + " hours");
        add(parts, machines, machines + " machines of the template at once");
        String figures = parts.isEmpty() ? "" : "up to " + String.join(", ", parts);
        String kinds = kinds("networks", networkKinds) + kinds("storage", storageKinds);
        return figures.isEmpty() && kinds.isEmpty()
                ? "anything"
                : figures.isEmpty() ? "anything" + kinds : figures + kinds;
    }

    private static void add(List<String> parts, Number figure, String words) {
        if (figure != null) {
            parts.add(words);
        }
    }

    private static String kinds(String of, Set<String> kinds) {
        return kinds.isEmpty() ? "" : ", on " + of + " of the kind " + String.join(" or ", kinds);
    }

    /** For the audit log: those that matter. */
    Map<String, Object> fields(String prefix) {
        Map<String, Object> fields = new TreeMap<>();
        put(fields, prefix + ".vcpus", vcpus);
        put(fields, prefix + ".memoryMib", memoryMib);
        put(fields, prefix + ".diskGib", diskGib);
        put(fields, prefix + ".leaseHours", leaseHours);
        put(fields, prefix + ".machines", machines);
        put(fields, prefix + ".networkKinds", networkKinds.isEmpty() ? null : String.join(",", networkKinds));
        put(fields, prefix + ".storageKinds", storageKinds.isEmpty() ? null : String.join(",", storageKinds));
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    void check(String prefix, Collection<String> knownNetworks, Collection<String> knownStorage, Checks checks) {
        figure(checks, prefix + ".vcpus", vcpus);
        figure(checks, prefix + ".memoryMib", memoryMib);
        figure(checks, prefix + ".diskGib", diskGib);
        figure(checks, prefix + ".leaseHours", leaseHours);
        figure(checks, prefix + ".machines", machines);
        checks.require(
                        prefix + ".networkKinds",
                        knownNetworks.containsAll(networkKinds),
                        "Choose kinds of network that there are.")
                .require(
                        prefix + ".storageKinds",
                        knownStorage.containsAll(storageKinds),
                        "Choose kinds of storage that there are.");
    }

    private static void figure(Checks checks, String field, Number figure) {
        checks.require(
                field,
                figure == null || figure.longValue() >= 0 && figure.longValue() <= MOST,
                "Use a whole number, 0 or more, or leave it empty where it does not matter.");
    }
}
