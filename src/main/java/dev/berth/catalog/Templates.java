package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Templates and their revisions. Admins make and approve them; everybody signed in may see the approved ones. */
@ApplicationScoped
public class Templates {
    public static final int LONGEST_LEASE_HOURS = 24 * 366;

    @ApplicationScoped
    static class TemplateRepository implements PanacheRepositoryBase<TemplateEntity, UUID> {}

    @ApplicationScoped
    static class RevisionRepository implements PanacheRepositoryBase<RevisionEntity, UUID> {}

    /**
     * What machines are to start from, by name; what does not go with it is ignored.
     *
     * @param initrd may be empty
     */
    public record BootDraft(Boot.From from, String image, String kernel, String initrd, String commandLine) {
        public static BootDraft image(String image) {
            return new BootDraft(Boot.From.IMAGE, image, "", "", "");
        }
    }

    /**
     * What a new revision is made of, by name.
     *
     * @param storage what disks may be on; where machines have no system disk, what data disks may be on, if any
     */
    public record RevisionDraft(
            BootDraft boot, List<String> sizes, List<String> networks, List<String> storage, String notes) {
        public RevisionDraft(
                String image, List<String> sizes, List<String> networks, List<String> storage, String notes) {
            this(BootDraft.image(image), sizes, networks, storage, notes);
        }
    }

    private final TemplateRepository templates;
    private final RevisionRepository revisions;
    private final Images.ImageRepository images;
    private final BootParts bootParts;
    private final Sizes.SizeRepository sizes;
    private final NetworkProfiles networks;
    private final NetworkProfiles.NetworkProfileRepository networkRows;
    private final StorageProfiles storage;
    private final StorageProfiles.StorageProfileRepository storageRows;
    private final Event<RevisionStateChanged> changes;
    private final Audit audit;
    private final Clock clock;

    Templates(
            TemplateRepository templates,
            RevisionRepository revisions,
            Images.ImageRepository images,
            BootParts bootParts,
            Sizes.SizeRepository sizes,
            NetworkProfiles networks,
            NetworkProfiles.NetworkProfileRepository networkRows,
            StorageProfiles storage,
            StorageProfiles.StorageProfileRepository storageRows,
            Event<RevisionStateChanged> changes,
            Audit audit,
            Clock clock) {
        this.templates = templates;
        this.revisions = revisions;
        this.images = images;
        this.bootParts = bootParts;
        this.sizes = sizes;
        this.networks = networks;
        this.networkRows = networkRows;
        this.storage = storage;
        this.storageRows = storageRows;
        this.changes = changes;
        this.audit = audit;
        this.clock = clock;
    }

    /** By name. A person who does not see all sees approved revisions only, and only templates that have one. */
    @Transactional
    public List<Template> list(Caller caller) {
        List<TemplateEntity> found = templates.list("order by name, slug");
        return views(caller, found).stream()
                .filter(template -> caller.seesAll() || template.current().isPresent())
                .toList();
    }

    @Transactional
    public Template get(Caller caller, String slug) {
        return views(caller, List.of(entity(slug))).stream()
                .filter(template -> caller.seesAll() || template.current().isPresent())
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("template"));
    }

    /** A revision by id, whatever its state: machines keep referring to it. */
    @Transactional
    public Revision revision(UUID id) {
        return view(revisions.findByIdOptional(id).orElseThrow(() -> ProblemException.notFound("revision")));
    }

    /** What the machines of a revision start from, whatever its state. */
    @Transactional
    public Boot bootOf(UUID revisionId) {
        return revisions
                .findByIdOptional(revisionId)
                .orElseThrow(() -> ProblemException.notFound("revision"))
                .toBoot();
    }

    /** All revisions that a template ever had. */
    @Transactional
    public List<UUID> revisionIds(UUID templateId) {
        return revisions.list("templateId", templateId).stream()
                .map(revision -> revision.id)
                .toList();
    }

    /** The networks that a machine of this revision may be on: those of its own and of what its template offers now. */
    @Transactional
    public List<Profile> networksFor(UUID revisionId) {
        return offered(revisionId, revision -> revision.networks.stream(), networks::profile);
    }

    /** The storage profiles that such a machine may have disks on, likewise. */
    @Transactional
    public List<Profile> storageFor(UUID revisionId) {
        return offered(revisionId, revision -> revision.storage.stream(), storage::profile).stream()
                .filter(profile -> !storage.sharesFiles(profile))
                .toList();
    }

    /** The storage profiles whose directories such a machine may share, likewise. */
    @Transactional
    public List<Profile> sharesFor(UUID revisionId) {
        return offered(revisionId, revision -> revision.storage.stream(), storage::profile).stream()
                .filter(storage::sharesFiles)
                .toList();
    }

    private <E> List<Profile> offered(
            UUID revisionId, Function<RevisionEntity, Stream<E>> parts, Function<E, Profile> view) {
        RevisionEntity revision =
                revisions.findByIdOptional(revisionId).orElseThrow(() -> ProblemException.notFound("revision"));
        return revisions
                .list(
                        "templateId = ?1 and (id = ?2 or state = ?3)",
                        revision.templateId,
                        revisionId,
                        RevisionState.APPROVED)
                .stream()
                .flatMap(parts)
                .distinct()
                .map(view)
                .sorted(Comparator.comparing(Profile::name).thenComparing(Profile::slug))
                .toList();
    }

    /** The name of a template, whatever its state. */
    @Transactional
    public String nameOf(UUID templateId) {
        return templates.findById(templateId).name;
    }

    /** The state that a revision is in now. */
    @Transactional
    public RevisionState stateOf(UUID revisionId) {
        return revisions.findById(revisionId).state;
    }

    /** The template that a revision belongs to; its revisions are left out, whoever needs those has to list them. */
    @Transactional
    public Template templateOf(UUID revisionId) {
        TemplateEntity template = ofRevision(revisionId);
        return new Template(
                template.id, template.slug, template.name, template.description, template.policy(), List.of());
    }

    private TemplateEntity ofRevision(UUID revisionId) {
        return templates
                .find("id = (select templateId from RevisionEntity where id = ?1)", revisionId)
                .singleResult();
    }

    /** The policy of the template that a revision belongs to. */
    @Transactional
    public Policy policyOf(UUID revisionId) {
        return ofRevision(revisionId).policy();
    }

    @Transactional
    public Template create(Caller caller, String slug, String name, String description, Policy policy) {
        caller.requireAdmin();
        new Checks()
                .label("slug", slug)
                .line("name", name, 100)
                .text("description", description, 2_000)
                .addAll(policyProblems(policy))
                .throwIfAny();
        if (templates.count("slug", slug) > 0) {
            throw ProblemException.conflict("taken", "There is a template named " + slug + " already.");
        }
        TemplateEntity template = new TemplateEntity();
        template.id = UUID.randomUUID();
        template.slug = slug;
        template.name = name;
        template.description = description;
        template.setPolicy(policy);
        template.createdAt = clock.instant();
        templates.persist(template);
        audit.record(caller, "template.create", subject(template), Audit.change(Map.of(), policy.fields()));
        return get(caller, slug);
    }

    @Transactional
    public Template setPolicy(Caller caller, String slug, Policy policy) {
        caller.requireAdmin();
        new Checks().addAll(policyProblems(policy)).throwIfAny();
        TemplateEntity template = entity(slug);
        audit.record(
                caller,
                "template.set-policy",
                subject(template),
                Audit.change(template.policy().fields(), policy.fields()));
        template.setPolicy(policy);
        return get(caller, slug);
    }

    private static Map<String, String> policyProblems(Policy policy) {
        Checks checks = new Checks()
                .range("maxVcpus", policy.maxVcpus(), 0, 256, "vCPUs")
                .range("maxMemoryMib", policy.maxMemoryMib(), 0, 4_194_304, "MiB")
                .range("maxDiskGib", policy.maxDiskGib(), 0, 65_536, "GiB")
                .range("maxLeaseHours", policy.maxLeaseHours(), 0, LONGEST_LEASE_HOURS, "hours")
                .range("longestLeaseHours", policy.longestLeaseHours(), 1, LONGEST_LEASE_HOURS, "hours");
        return checks.problems();
    }

    /** Adds the next revision as a draft. */
    @Transactional
    public Revision revise(Caller caller, String slug, RevisionDraft draft) {
        caller.requireAdmin();
        TemplateEntity template = entity(slug);
        templates.getEntityManager().lock(template, LockModeType.PESSIMISTIC_WRITE);
        List<SizeEntity> chosenSizes = sizes.list("slug in ?1 and retired = false", orEmpty(draft.sizes()));
        List<NetworkProfileEntity> chosenNetworks =
                networkRows.list("slug in ?1 and retired = false", orEmpty(draft.networks()));
        List<StorageProfileEntity> chosenStorage =
                storageRows.list("slug in ?1 and retired = false", orEmpty(draft.storage()));
        RevisionEntity revision = new RevisionEntity();
        Checks checks = new Checks();
        bootParts.fill(revision, draft.boot(), chosenSizes, checks);
        boolean diskless = revision.boot.diskless();
        checks.require("sizes", covers(chosenSizes, draft.sizes()), "Choose one or more of the sizes on offer.")
                .require("networks", covers(chosenNetworks, draft.networks()), "Choose one or more network profiles.")
                .require(
                        "storage",
                        diskless
                                ? chosenStorage.size()
                                        == orEmpty(draft.storage()).size()
                                : covers(chosenStorage, draft.storage()),
                        "Choose one or more storage profiles.")
                .require(
                        "storage",
                        diskless
                                || chosenStorage.isEmpty()
                                || !chosenStorage.stream().map(storage::profile).allMatch(storage::sharesFiles),
                        "Choose one that disks can be on, too: machines can't start from a shared directory.")
                .text("notes", draft.notes(), 2_000);
        if (revision.boot == Boot.From.NETWORK) {
            List<String> deaf = chosenNetworks.stream()
                    .map(networks::profile)
                    .filter(profile -> !networks.boots(profile))
                    .map(Profile::slug)
                    .sorted()
                    .toList();
            checks.require(
                    "networks",
                    deaf.isEmpty(),
                    "Machines can't start from " + String.join(", ", deaf)
                            + ": set a boot server in the profile, or leave it out.");
        }
        checks.throwIfAny();
        revision.id = UUID.randomUUID();
        revision.templateId = template.id;
        revision.number = (int) revisions.count("templateId", template.id) + 1;
        revision.state = RevisionState.DRAFT;
        revision.sizes = new HashSet<>(chosenSizes);
        revision.networks = new HashSet<>(chosenNetworks);
        revision.storage = new HashSet<>(chosenStorage);
        revision.notes = draft.notes();
        revision.createdBy = caller.username();
        revision.createdAt = clock.instant();
        revisions.persist(revision);
        audit.record(caller, "template.revise", subject(template), Map.of("revision", revision.number));
        return view(revision);
    }

    /**
     * Proposes a revision with another image and all else as the template offers it now; an admin decides.
     *
     * @param by who asked for it
     */
    @Transactional
    public Revision propose(Caller caller, UUID templateId, String image, String notes, String by) {
        TemplateEntity template = templates.findById(templateId);
        Revision now = views(caller, List.of(template))
                .get(0)
                .current()
                .orElseThrow(() -> ProblemException.conflict(
                        "wrong-state", "The template offers nothing now. Ask an admin to approve a revision first."));
        long min = images.find("name", image).firstResult().toImage().minDiskGib();
        Revision proposed = revise(
                caller,
                template.slug,
                new RevisionDraft(
                        image,
                        now.sizes().stream()
                                .filter(size -> !size.retired() && size.diskGib() >= min)
                                .map(Size::slug)
                                .toList(),
                        offered(now.networks()),
                        offered(now.allStorage()),
                        notes));
        RevisionEntity revision = revisions.findById(proposed.id());
        revision.state = RevisionState.IN_REVIEW;
        revision.createdBy = by;
        return view(revision);
    }

    private static List<String> offered(List<Profile> profiles) {
        return profiles.stream()
                .filter(profile -> !profile.retired())
                .map(Profile::slug)
                .toList();
    }

    /** The short name of a template, whatever its state. */
    @Transactional
    public String slugOf(UUID templateId) {
        return templates.findById(templateId).slug;
    }

    /**
     * Moves a revision through its life. Approving one deprecates those that were approved before, so that one
     * revision is what people get.
     */
    @Transactional
    public Revision setState(Caller caller, String slug, int number, RevisionState state) {
        caller.requireAdmin();
        TemplateEntity template = entity(slug);
        templates.getEntityManager().lock(template, LockModeType.PESSIMISTIC_WRITE);
        RevisionEntity revision = revisions
                .find("templateId = ?1 and number = ?2", template.id, number)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("revision"));
        if (revision.state == state) {
            return view(revision);
        }
        if (!mayBecome(revision.state, state)) {
            throw ProblemException.conflict(
                    "wrong-state",
                    "A revision that is %s can't become %s.".formatted(words(revision.state), words(state)));
        }
        if (state == RevisionState.APPROVED) {
            revision.files().forEach(this::refuseUntrusted);
            revisions
                    .list("templateId = ?1 and state = ?2", template.id, RevisionState.APPROVED)
                    .forEach(before -> come(caller, template, before, RevisionState.DEPRECATED));
        }
        audit.record(
                caller,
                "template.set-state",
                subject(template),
                Audit.change(Map.of("state", revision.state), Map.of("state", state), Map.of("revision", number)));
        come(caller, template, revision, state);
        return view(revision);
    }

    private void come(Caller caller, TemplateEntity template, RevisionEntity revision, RevisionState state) {
        revision.state = state;
        revision.decidedBy = caller.username();
        revision.decidedAt = clock.instant();
        changes.fire(
                new RevisionStateChanged(revision.id, template.slug, template.name, revision.number, state, caller));
    }

    private void refuseUntrusted(ImageEntity image) {
        templates.getEntityManager().refresh(image, LockModeType.PESSIMISTIC_READ);
        if (!image.state.trusted()) {
            throw ProblemException.conflict(
                    "image-not-ready",
                    "The revision's image " + image.name + " is " + words(image.state)
                            + ", so nothing can be made from it. Make a revision with another image.");
        }
    }

    private static boolean mayBecome(RevisionState from, RevisionState to) {
        return switch (from) {
            case DRAFT -> to == RevisionState.IN_REVIEW || to == RevisionState.APPROVED || to == RevisionState.RETIRED;
            case IN_REVIEW -> to == RevisionState.APPROVED || to == RevisionState.DRAFT || to == RevisionState.RETIRED;
            case APPROVED -> to == RevisionState.DEPRECATED || to == RevisionState.RETIRED;
            case DEPRECATED -> to == RevisionState.APPROVED || to == RevisionState.RETIRED;
            case RETIRED -> false;
        };
    }

    private static String words(Enum<?> state) {
        return state.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    private List<Template> views(Caller caller, List<TemplateEntity> found) {
        List<UUID> ids = found.stream().map(template -> template.id).toList();
        List<RevisionEntity> rows = caller.seesAll()
                ? revisions.list("templateId in ?1 order by number desc", ids)
                : revisions.list("templateId in ?1 and state = ?2 order by number desc", ids, RevisionState.APPROVED);
        Map<UUID, List<Revision>> byTemplate = rows.stream()
                .map(this::view)
                .map(revision -> revision.visibleTo(caller))
                .collect(Collectors.groupingBy(Revision::templateId));
        return found.stream()
                .map(template -> new Template(
                        template.id,
                        template.slug,
                        template.name,
                        template.description,
                        template.policy(),
                        byTemplate.getOrDefault(template.id, List.of())))
                .toList();
    }

    private List<Profile> storage(RevisionEntity revision, Predicate<Profile> sort) {
        return revision.storage.stream()
                .map(storage::profile)
                .filter(sort)
                .sorted(Comparator.comparing(Profile::name))
                .toList();
    }

    private Revision view(RevisionEntity revision) {
        return new Revision(
                revision.id,
                revision.templateId,
                revision.number,
                revision.state,
                revision.toBoot(),
                revision.sizes.stream()
                        .map(SizeEntity::toSize)
                        .map(size -> revision.boot.diskless() ? size.withoutDisk() : size)
                        .sorted(Comparator.comparingLong(Size::memoryMib).thenComparing(Size::slug))
                        .toList(),
                revision.networks.stream()
                        .map(networks::profile)
                        .sorted(Comparator.comparing(Profile::name))
                        .toList(),
                storage(revision, profile -> !storage.sharesFiles(profile)),
                storage(revision, storage::sharesFiles),
                revision.notes,
                revision.createdBy,
                revision.createdAt,
                revision.decidedBy,
                revision.decidedAt);
    }

    private TemplateEntity entity(String slug) {
        return templates
                .find("slug", slug)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("template"));
    }

    private static Audit.Subject subject(TemplateEntity template) {
        return Audit.Subject.global("template", template.id, template.slug);
    }

    private static Set<String> orEmpty(Collection<String> names) {
        return names == null ? Set.of() : new HashSet<>(names);
    }

    private static boolean covers(List<?> found, List<String> wanted) {
        return !found.isEmpty() && found.size() == orEmpty(wanted).size();
    }
}
