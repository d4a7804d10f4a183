package dev.berth.requests;

import dev.berth.machines.Resizes;
import dev.berth.tenancy.Resource;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A request for another size of a machine than its template lets pass by itself. */
@Entity
@Table(name = "resize_request")
@DiscriminatorValue("RESIZE")
class ResizeRequestEntity extends RequestEntity {
    String templateName;
    String sizeSlug;
    String sizeName;
    int vcpus;
    long memoryMib;
    String formerSize;
    int formerVcpus;
    long formerMemoryMib;

    /** What its system disk grows to, or null where it does not. */
    Long diskGib;

    long moreDiskGib;
    boolean restarts;

    /** Asks for this size. */
    void becomes(Resizes.Offer offer) {
        sizeSlug = offer.size().slug();
        sizeName = offer.size().name();
        vcpus = offer.size().vcpus();
        memoryMib = offer.size().memoryMib();
        diskGib = offer.grows() ? offer.size().diskGib() : null;
        moreDiskGib = offer.moreDiskGib();
    }

    @Override
    Request.Kind kind() {
        return Request.Kind.RESIZE;
    }

    @Override
    String summary() {
        return "%s instead of %s: %s".formatted(sizeName, formerSize, figures(vcpus, memoryMib));
    }

    private static String figures(int vcpus, long memoryMib) {
        return "%d vCPU, %s memory".formatted(vcpus, Resource.MEMORY_MIB.amount(memoryMib));
    }

    @Override
    List<Request.Fact> facts() {
        List<Request.Fact> facts = new ArrayList<>(List.of(
                new Request.Fact("Machine", name),
                new Request.Fact("Template", templateName),
                new Request.Fact("Size now", formerSize + ": " + figures(formerVcpus, formerMemoryMib)),
                new Request.Fact("Asked for", sizeName + ": " + figures(vcpus, memoryMib))));
        if (diskGib != null) {
            facts.add(new Request.Fact("System disk", "grows to " + diskGib + " GiB, for good"));
        }
        facts.add(new Request.Fact("Takes effect", restarts ? "by a restart, once approved" : "at its next start"));
        return facts;
    }

    @Override
    Map<Resource, Long> amounts() {
        Map<Resource, Long> amounts = new EnumMap<>(Resource.class);
        amounts.put(Resource.VCPUS, Math.max(0L, vcpus - formerVcpus));
        amounts.put(Resource.MEMORY_MIB, Math.max(0L, memoryMib - formerMemoryMib));
        amounts.put(Resource.DISK_GIB, moreDiskGib);
        return amounts;
    }

    @Override
    String path() {
        return "/t/" + tenantSlug + "/machines/" + machineId;
    }
}
