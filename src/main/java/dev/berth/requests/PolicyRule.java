package dev.berth.requests;

import java.time.Instant;
import java.util.UUID;

/**
 * Who has to say yes to one kind of request.
 *
 * @param template the short name of the template that it is for, or empty for any
 * @param tenant likewise of the team
 * @param byItself up to where nobody's yes is needed; null where somebody's always is
 * @param byOwner up to where an owner's yes is enough; null where it never is
 * @param above who decides beyond: {@link Deciders#ADMIN} or {@link Deciders#BOTH}
 */
public record PolicyRule(
        UUID id,
        Request.Kind kind,
        String template,
        String tenant,
        PolicyLimits byItself,
        PolicyLimits byOwner,
        Deciders above,
        String note,
        String changedBy,
        Instant changedAt) {
    /** {@code New machine of debian-12 for blue}. */
    public String scope() {
        return kind.label()
                + (template.isEmpty() ? "" : ", template " + template)
                + (tenant.isEmpty() ? "" : ", team " + tenant)
                + (template.isEmpty() && tenant.isEmpty() ? ", whoever asks for whatever" : "");
    }

    /** The rule in one sentence or two. */
    public String words() {
        return words(byItself, byOwner, above);
    }

    static String words(PolicyLimits byItself, PolicyLimits byOwner, Deciders above) {
        String alone = byItself == null ? "Nothing passes by itself" : "Passes by itself: " + byItself.words();
        String owner = byOwner == null ? "" : "; an owner's yes is enough for " + byOwner.words();
        return alone + owner + "; all else needs " + above.label() + ".";
    }
}
