package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The sizes that templates offer. A size never changes; a retired one is no longer offered. */
@ApplicationScoped
public class Sizes {
    @ApplicationScoped
    static class SizeRepository implements PanacheRepositoryBase<SizeEntity, UUID> {}

    private final SizeRepository sizes;
    private final Audit audit;
    private final Clock clock;

    Sizes(SizeRepository sizes, Audit audit, Clock clock) {
        this.sizes = sizes;
        this.audit = audit;
        this.clock = clock;
    }

    /** From small to large. */
    @Transactional
    public List<Size> list() {
        return sizes.find("order by retired, memoryMib, vcpus, diskGib, slug").stream()
                .map(SizeEntity::toSize)
                .toList();
    }

    @Transactional
    public Size create(Caller caller, String slug, String name, int vcpus, long memoryMib, long diskGib) {
        caller.requireAdmin();
        new Checks()
                .label("slug", slug)
                .line("name", name, 100)
                .range("vcpus", vcpus, 1, 256, "vCPUs")
                .range("memoryMib", memoryMib, 16, 4_194_304, "MiB")
                .range("diskGib", diskGib, 1, 65_536, "GiB")
                .throwIfAny();
        if (sizes.count("slug", slug) > 0) {
            throw ProblemException.conflict("taken", "There is a size named " + slug + " already.");
        }
        SizeEntity size = new SizeEntity();
        size.id = UUID.randomUUID();
        size.slug = slug;
        size.name = name;
        size.vcpus = vcpus;
        size.memoryMib = memoryMib;
        size.diskGib = diskGib;
        size.createdAt = clock.instant();
        sizes.persist(size);
        audit.record(
                caller,
                "size.create",
                Audit.Subject.global("size", size.id, slug),
                Audit.change(
                        Map.of(), Map.of("name", name, "vcpus", vcpus, "memoryMib", memoryMib, "diskGib", diskGib)));
        return size.toSize();
    }

    @Transactional
    public Size retire(Caller caller, String slug) {
        caller.requireAdmin();
        SizeEntity size =
                sizes.find("slug", slug).firstResultOptional().orElseThrow(() -> ProblemException.notFound("size"));
        if (!size.retired) {
            size.retired = true;
            audit.record(
                    caller,
                    "size.retire",
                    Audit.Subject.global("size", size.id, slug),
                    Audit.change(Map.of("retired", false), Map.of("retired", true)));
        }
        return size.toSize();
    }
}
