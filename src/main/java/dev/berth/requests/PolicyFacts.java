package dev.berth.requests;

import java.util.function.LongSupplier;

/**
 * What a policy looks at of an ask. Null is what the kind of request does not have: it never stands in the way.
 *
 * @param machines how many machines the team would have at once, asked for only where a rule limits that
 */
public record PolicyFacts(
        Integer vcpus,
        Long memoryMib,
        Long diskGib,
        Integer leaseHours,
        LongSupplier machines,
        String networkKind,
        String storageKind) {
    /** For kinds of request that have nothing to do with a machine's figures. */
    public static final PolicyFacts NONE = new PolicyFacts(null, null, null, null, () -> 0, null, null);

    /** Of a longer lease. */
    public static PolicyFacts lease(int hours) {
        return new PolicyFacts(null, null, null, hours, () -> 0, null, null);
    }

    /** Of another size. */
    public static PolicyFacts size(int vcpus, long memoryMib, long diskGib) {
        return new PolicyFacts(vcpus, memoryMib, diskGib, null, () -> 0, null, null);
    }
}
