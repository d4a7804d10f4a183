package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.Traits;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** What network and storage profiles have in common: an admin names a use of a kind once, templates refer to it. */
public abstract class Profiles<E extends ProfileEntity> {
    private static final int MAX_SLUG = 30;
    /** The word of a page's address where a profile's would stand. */
    private static final String NEW = "new";

    /** A kind as its family shows it to this class. */
    public record Kind(String id, Traits traits, List<KindField> fields) {}

    /** What profiles lean on, whatever their family. */
    record Tools(ProfileChecks checks, ProfileUse use, Audit audit, Clock clock) {}

    private final String noun;
    private final PanacheRepositoryBase<E, UUID> profiles;
    private final Supplier<E> maker;
    private final ProfileChecks checks;
    private final ProfileUse use;
    private final Audit audit;
    private final Clock clock;

    Profiles(String noun, PanacheRepositoryBase<E, UUID> profiles, Supplier<E> maker, Tools tools) {
        this.noun = noun;
        this.profiles = profiles;
        this.maker = maker;
        this.checks = tools.checks();
        this.use = tools.use();
        this.audit = tools.audit();
        this.clock = tools.clock();
    }

    /** The kinds a profile can be of, from the simplest on. */
    public abstract List<Kind> kinds();

    /** @param own the profile that is changed, or null for a new one */
    protected abstract Map<String, String> validate(String kind, Map<String, String> config, UUID own);

    /** The settings have just changed, in this transaction. */
    protected void settingsChanged(UUID profileId) {}

    /** All of them, for Berth itself. */
    @Transactional
    public List<Profile> list() {
        return profiles.find("order by retired, name, slug").stream()
                .map(this::profile)
                .toList();
    }

    /** Those the caller may know of. */
    @Transactional
    public List<Profile> list(Caller caller) {
        return list().stream().filter(profile -> profile.visibleTo(caller)).toList();
    }

    /** @throws ProblemException not found, also when it is private to tenants that are not the caller's */
    @Transactional
    public Profile get(Caller caller, String slug) {
        return profiles.find("slug", slug)
                .firstResultOptional()
                .map(this::profile)
                .filter(profile -> profile.visibleTo(caller))
                .orElseThrow(() -> ProblemException.notFound(noun));
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

    /**
     * The profile as it stays until the caller's transaction ends. Whoever puts a machine on a profile looks at it by
     * this, so that its fixed settings can't change in between.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public Profile forUse(UUID id) {
        E profile = profiles.findByIdOptional(id).orElseThrow(() -> ProblemException.notFound(noun));
        profiles.getEntityManager().refresh(profile, LockModeType.PESSIMISTIC_READ);
        return profile(profile);
    }

    /** Whether a new machine of this tenant may use the profile. */
    public boolean usableBy(Profile profile, UUID tenantId) {
        return profile.usableBy(tenantId);
    }

    /** Makes a profile for all tenants. */
    @Transactional
    public Profile create(
            Caller caller, String slug, String name, String description, String kind, Map<String, String> config) {
        return create(caller, slug, kind, new ProfileDraft(name, description, config, Set.of()));
    }

    @Transactional
    public Profile create(Caller caller, String slug, String kind, ProfileDraft draft) {
        caller.requireAdmin();
        Optional<Kind> chosen = kind(kind);
        Checks found = new Checks()
                .label("slug", slug)
                .require("slug", slug == null || slug.length() <= MAX_SLUG, "Use at most " + MAX_SLUG + " characters.")
                .require("slug", !NEW.equals(slug), "This word is taken by Berth's own pages. Choose another name.")
                .addAll(draft.check().problems())
                .require(
                        "kind",
                        chosen.isPresent(),
                        "Choose one of "
                                + String.join(
                                        ", ", kinds().stream().map(Kind::id).toList()) + ".");
        chosen.ifPresent(one -> found.addAll(problems(one, draft.config(), null)));
        found.throwIfAny();
        if (profiles.count("slug", slug) > 0) {
            throw ProblemException.conflict("taken", "There is a " + noun + " named " + slug + " already.");
        }
        E profile = maker.get();
        profile.id = UUID.randomUUID();
        profile.slug = slug;
        profile.name = draft.name();
        profile.description = draft.description();
        profile.kind = kind;
        profile.config = draft.config();
        profile.open(draft.tenants());
        profile.createdAt = clock.instant();
        profiles.persist(profile);
        audit.record(
                caller,
                action("create"),
                subject(profile),
                Map.of("kind", kind, "config", draft.config(), "tenants", draft.tenants()));
        checks.ask(profile.id);
        return profile(profile);
    }

    /**
     * Says anew what the profile is. Machines that use it keep it, whatever happens to its tenants; settings that are
     * fixed don't change under them.
     *
     * @param version the one that the change was made from: a profile that somebody else has changed since is left
     *     alone. Null to change it whatever it is by now
     */
    @Transactional
    public Profile update(Caller caller, String slug, Long version, ProfileDraft draft) {
        caller.requireAdmin();
        E profile = forChange(slug);
        if (version != null && version != profile.version) {
            throw ProblemException.conflict(
                    "changed-meanwhile",
                    "Somebody else has changed this " + noun
                            + " since you opened it. Open it anew, look at what is different, and make your change again.");
        }
        Kind kind = kind(profile.kind)
                .orElseThrow(() -> ProblemException.conflict(
                        "wrong-state", "This build does not know the kind " + profile.kind + "."));
        draft.check()
                .addAll(ProfileSettings.fixed(kind, profile.config, draft.config(), usedBy(profile.id)))
                .addAll(problems(kind, draft.config(), profile.id))
                .throwIfAny();
        Map<String, Object> before = fields(profile.name, profile.description, profile.config, profile.tenants());
        Map<String, Object> after = fields(draft.name(), draft.description(), draft.config(), draft.tenants());
        if (before.equals(after)) {
            return profile(profile);
        }
        boolean otherSettings = ProfileSettings.differ(kind, profile.config, draft.config());
        profile.name = draft.name();
        profile.description = draft.description();
        profile.config = draft.config();
        profile.open(draft.tenants());
        profile.version++;
        audit.record(caller, action("update"), subject(profile), Audit.change(before, after));
        if (otherSettings) {
            profiles.flush();
            checks.forget(profile.id);
            settingsChanged(profile.id);
            checks.ask(profile.id);
        }
        return profile(profile);
    }

    private static Map<String, Object> fields(
            String name, String description, Map<String, String> config, Set<UUID> tenants) {
        return Map.of("name", name, "description", description, "config", config, "tenants", tenants);
    }

    private Map<String, String> problems(Kind kind, Map<String, String> config, UUID own) {
        return new Checks()
                .addAll(ProfileSettings.unknown(kind, config))
                .addAll(validate(kind.id(), config, own))
                .problems();
    }

    /** No new machine may use it; those that do keep it. */
    @Transactional
    public Profile retire(Caller caller, String slug) {
        return setRetired(caller, slug, true, "retire");
    }

    /** New machines may use it again. */
    @Transactional
    public Profile restore(Caller caller, String slug) {
        return setRetired(caller, slug, false, "restore");
    }

    private Profile setRetired(Caller caller, String slug, boolean retired, String verb) {
        caller.requireAdmin();
        E profile = forChange(slug);
        if (profile.retired != retired) {
            profile.retired = retired;
            audit.record(
                    caller,
                    action(verb),
                    subject(profile),
                    Audit.change(Map.of("retired", !retired), Map.of("retired", retired)));
            checks.ask(profile.id);
        }
        return profile(profile);
    }

    /** Has every host that answers look again whether it can offer the profile; {@link #checks} has the answers. */
    @Transactional
    public Profile check(Caller caller, String slug) {
        caller.requireAdmin();
        Profile profile = get(caller, slug);
        checks.ask(profile.id());
        return profile;
    }

    /** A host has looked. */
    public void checked(UUID profileId, UUID hostId, String hostName, HostCheck check) {
        checks.store(profileId, hostId, hostName, check);
    }

    /** What each host said last, by name. */
    public List<ProfileCheck> checks(UUID profileId) {
        return checks.of(profileId);
    }

    /** The same of several profiles at once. */
    public Map<UUID, List<ProfileCheck>> checks(Collection<UUID> profileIds) {
        return checks.of(profileIds);
    }

    /** The hosts that said no when they last looked. One that has not looked yet may do. */
    public Set<UUID> hostsThatCannot(UUID profileId) {
        return checks.hostsThatCannot(profileId);
    }

    /** How many machines use each of these profiles. */
    public Map<UUID, Long> usedBy(Collection<UUID> profileIds) {
        return use.machines(profileIds);
    }

    public long usedBy(UUID profileId) {
        return use.machines(Set.of(profileId)).getOrDefault(profileId, 0L);
    }

    public Optional<Kind> kind(String id) {
        return kinds().stream().filter(kind -> kind.id().equals(id)).findFirst();
    }

    private E forChange(String slug) {
        return profiles.find("slug", slug)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound(noun));
    }

    Profile profile(E entity) {
        return entity.toProfile(kind(entity.kind).map(Kind::traits).orElse(new Traits(entity.kind, "", "", "")));
    }

    private String action(String verb) {
        return noun.replace(' ', '-') + '.' + verb;
    }

    private Audit.Subject subject(E profile) {
        return Audit.Subject.global(noun.replace(' ', '-'), profile.id, profile.slug);
    }
}
