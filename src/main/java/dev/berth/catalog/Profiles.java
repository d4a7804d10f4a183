package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.Traits;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** What network and storage profiles have in common: an admin names a use of a kind once, templates refer to it. */
public abstract class Profiles<E extends ProfileEntity> {
    /** A kind as its family shows it to this class. */
    public record Kind(String id, Traits traits, List<KindField> fields) {}

    private final String noun;
    private final PanacheRepositoryBase<E, UUID> profiles;
    private final Supplier<E> maker;
    private final Audit audit;
    private final Clock clock;

    protected Profiles(
            String noun, PanacheRepositoryBase<E, UUID> profiles, Supplier<E> maker, Audit audit, Clock clock) {
        this.noun = noun;
        this.profiles = profiles;
        this.maker = maker;
        this.audit = audit;
        this.clock = clock;
    }

    /** The kinds a profile can be of. */
    public abstract List<Kind> kinds();

    protected abstract Map<String, String> validate(String kind, Map<String, String> config);

    @Transactional
    public List<Profile> list() {
        return profiles.find("order by retired, name, slug").stream()
                .map(this::profile)
                .toList();
    }

    @Transactional
    public Profile get(String slug) {
        return profile(entity(slug));
    }

    @Transactional
    public Optional<Profile> find(UUID id) {
        return profiles.findByIdOptional(id).map(this::profile);
    }

    @Transactional
    public List<Profile> find(Collection<UUID> ids) {
        return profiles.find("id in ?1 order by name, slug", ids).stream()
                .map(this::profile)
                .toList();
    }

    @Transactional
    public Profile create(
            Caller caller, String slug, String name, String description, String kind, Map<String, String> config) {
        caller.requireAdmin();
        boolean known = kinds().stream().anyMatch(candidate -> candidate.id().equals(kind));
        Checks checks = new Checks()
                .label("slug", slug)
                .require("slug", slug == null || slug.length() <= 30, "Use at most 30 characters.")
                .line("name", name, 100)
                .text("description", description, 2_000)
                .require(
                        "kind",
                        known,
                        "Choose one of "
                                + String.join(
                                        ", ", kinds().stream().map(Kind::id).toList()) + ".");
        if (known) {
            checks.addAll(validate(kind, config));
        }
        checks.throwIfAny();
        if (profiles.count("slug", slug) > 0) {
            throw ProblemException.conflict("taken", "There is a " + noun + " named " + slug + " already.");
        }
        E profile = maker.get();
        profile.id = UUID.randomUUID();
        profile.slug = slug;
        profile.name = name;
        profile.description = description;
        profile.kind = kind;
        profile.config = Map.copyOf(config);
        profile.createdAt = clock.instant();
        profiles.persist(profile);
        audit.record(caller, action("create"), subject(profile), Map.of("kind", kind, "config", config));
        return profile(profile);
    }

    /** No new machine may use it; those that do keep it. */
    @Transactional
    public Profile retire(Caller caller, String slug) {
        caller.requireAdmin();
        E profile = entity(slug);
        if (!profile.retired) {
            profile.retired = true;
            audit.record(caller, action("retire"), subject(profile), Map.of());
        }
        return profile(profile);
    }

    private E entity(String slug) {
        return profiles.find("slug", slug).firstResultOptional().orElseThrow(() -> ProblemException.notFound(noun));
    }

    Profile profile(E entity) {
        Traits traits = kinds().stream()
                .filter(kind -> kind.id().equals(entity.kind))
                .findFirst()
                .map(Kind::traits)
                .orElse(new Traits(entity.kind, "", "", ""));
        return entity.toProfile(traits);
    }

    private String action(String verb) {
        return noun.replace(' ', '-') + '.' + verb;
    }

    private Audit.Subject subject(E profile) {
        return Audit.Subject.global(noun.replace(' ', '-'), profile.id, profile.slug);
    }
}
