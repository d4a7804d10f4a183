package dev.berth.tenancy;

import dev.berth.common.ProblemException;
import java.util.Map;
import java.util.Optional;

/**
 * A limit that stands in the way, as a refusal carries it.
 *
 * @param resource the line's resource: {@code disk_gib}
 * @param profile the profile that it is about, or empty
 * @param used held now, of the tenant, or of the member when it is about a share
 * @param wanted what was to be taken
 * @param missing by how much that is over
 * @param share whether it is a member's share, which the tenant's owners set
 */
public record Wall(
        String tenant,
        String resource,
        String profile,
        long limit,
        long used,
        long wanted,
        long missing,
        boolean share) {
    private static final String MEMBER = "quota";

    static Wall of(Tenant tenant, QuotaUse use, long wanted) {
        return new Wall(
                tenant.slug(),
                use.resource().key(),
                use.line().profile(),
                use.limit(),
                use.used(),
                wanted,
                use.used() + wanted - use.limit(),
                use.personal());
    }

    /** What the refusal ran into, if it was a limit. */
    public static Optional<Wall> in(ProblemException e) {
        return Optional.ofNullable(e.members().get(MEMBER))
                .map(facts -> new Wall(
                        (String) facts.get("tenant"),
                        (String) facts.get("resource"),
                        (String) facts.get("profile"),
                        (long) facts.get("limit"),
                        (long) facts.get("used"),
                        (long) facts.get("wanted"),
                        (long) facts.get("missing"),
                        (boolean) facts.get("share")));
    }

    /** The refusal, with a code for programs and a sentence for people. */
    static ProblemException refusal(Tenant tenant, QuotaUse use, long wanted) {
        Wall wall = of(tenant, use, wanted);
        QuotaLine line = use.line();
        String over = "%s in use, this needs %s more, which is %s too much."
                .formatted(use.words(), line.amount(wanted), line.amount(wall.missing));
        if (use.personal()) {
            return ProblemException.conflict(
                            "share-exceeded",
                            "Your share of the quota of %s for %s is used up: %s %s or ask an owner of the team for a larger share."
                                    .formatted(
                                            tenant.slug(),
                                            line.label(),
                                            over,
                                            line.resource().remedy()))
                    .with(MEMBER, wall.facts());
        }
        return ProblemException.conflict(
                        code(line.resource()),
                        "The quota of %s for %s is used up: %s %s or ask for more: an admin decides."
                                .formatted(
                                        tenant.slug(),
                                        line.label(),
                                        over,
                                        line.resource().remedy()))
                .with(MEMBER, wall.facts());
    }

    private static String code(Resource resource) {
        return switch (resource) {
            case STORAGE_GIB -> "storage-limit";
            case ADDRESSES -> "address-limit";
            default -> "quota-exceeded";
        };
    }

    private Map<String, Object> facts() {
        return Map.of(
                "tenant", tenant,
                "resource", resource,
                "profile", profile,
                "limit", limit,
                "used", used,
                "wanted", wanted,
                "missing", missing,
                "share", share);
    }
}
