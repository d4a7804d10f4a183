package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.machines.LeasePolicy;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Who has to say yes to what. Of the rules for a kind of request the most specific one decides alone: one for this
 * template and this team, else one for this template, else one for this team, else one for all. Where there is none, the
 * template's own policy says what passes by itself, and an admin decides on the rest.
 */
@ApplicationScoped
public class Policies implements LeasePolicy {
    private static final UUID NONE = new UUID(0, 0);
    private static final List<String> ALWAYS = List.of("something that always needs a yes here");

    @ApplicationScoped
    static class RuleRepository implements PanacheRepositoryBase<PolicyRuleEntity, UUID> {}

    /** A rule as it shall be, by names; template and tenant may be empty. */
    public record Draft(
            Request.Kind kind,
            String template,
            String tenant,
            PolicyLimits byItself,
            PolicyLimits byOwner,
            Deciders above,
            String note) {}

    /** A rule, or what stands in for one. */
    private record Found(PolicyLimits byItself, PolicyLimits byOwner, Deciders above, String words) {}

    private final RuleRepository rules;
    private final Templates templates;
    private final Tenants tenants;
    private final Members members;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final Audit audit;
    private final Clock clock;

    Policies(
            RuleRepository rules,
            Templates templates,
            Tenants tenants,
            Members members,
            NetworkProfiles networks,
            StorageProfiles storage,
            Audit audit,
            Clock clock) {
        this.rules = rules;
        this.templates = templates;
        this.tenants = tenants;
        this.members = members;
        this.networks = networks;
        this.storage = storage;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Who would have to say yes.
     *
     * @param requester who asks: an owner's own ask counts as an owner's yes
     * @param template what it is about, or null
     */
    @Transactional
    public Verdict verdict(Caller requester, UUID tenantId, Template template, Request.Kind kind, PolicyFacts facts) {
        Found rule = find(tenantId, template, kind);
        List<String> why = rule.byItself() == null ? ALWAYS : rule.byItself().objections(facts);
        if (why.isEmpty()) {
            return new Verdict(true, Deciders.ADMIN, null, why, rule.words());
        }
        Deciders needs = rule.above();
        if (rule.byOwner() != null) {
            List<String> beyond = rule.byOwner().objections(facts);
            needs = beyond.isEmpty() ? Deciders.OWNER : needs;
            why = beyond.isEmpty() ? why : beyond;
        }
        boolean ownersYes = requester.owns(tenantId) && needs != Deciders.ADMIN;
        return new Verdict(
                ownersYes && needs == Deciders.OWNER,
                ownersYes ? Deciders.ADMIN : needs,
                ownersYes ? requester.username() : null,
                why,
                rule.words());
    }

    /** The rule that holds, in words, for whoever is about to ask. */
    @Transactional
    public String words(UUID tenantId, Template template, Request.Kind kind) {
        return find(tenantId, template, kind).words();
    }

    /** How long a lease may be without anybody's yes, in hours; never longer than the template allows at all. */
    @Transactional
    public int freeLeaseHours(UUID tenantId, Template template, Request.Kind kind) {
        PolicyLimits alone = find(tenantId, template, kind).byItself();
        int longest = template.policy().longestLeaseHours();
        return alone == null ? 0 : alone.leaseHours() == null ? longest : Math.min(longest, alone.leaseHours());
    }

    @Override
    @Transactional
    public int byItself(UUID tenantId, Template template) {
        return freeLeaseHours(tenantId, template, Request.Kind.EXTENSION);
    }

    /** The names of a team's owners, for {@link Verdict#words}. */
    @Transactional
    public List<String> owners(Tenant tenant) {
        return members.list(Caller.system("policy"), tenant).stream()
                .filter(member -> member.role() == TenantRole.OWNER)
                .map(member -> member.user().username())
                .toList();
    }

    private Found find(UUID tenantId, Template template, Request.Kind kind) {
        return rules
                .find(
                        "kind = ?1 and (templateId is null or templateId = ?2) and (tenantId is null or tenantId = ?3)",
                        kind,
                        template == null ? NONE : template.id(),
                        tenantId)
                .stream()
                .max(Comparator.comparing(PolicyRuleEntity::weight))
                .map(rule -> new Found(
                        rule.byItself,
                        rule.byOwner,
                        rule.above,
                        PolicyRule.words(rule.byItself, rule.byOwner, rule.above)))
                .orElseGet(() -> standard(template));
    }

    private static Found standard(Template template) {
        PolicyLimits alone = template == null ? null : PolicyLimits.of(template.policy());
        return new Found(alone, null, Deciders.ADMIN, PolicyRule.words(alone, null, Deciders.ADMIN));
    }

    /** All rules, those for one kind together, the most specific first. */
    @Transactional
    public List<PolicyRule> list(Caller caller) {
        caller.requireSeesAll();
        return views(caller, rules.listAll());
    }

    @Transactional
    public PolicyRule get(Caller caller, UUID id) {
        caller.requireSeesAll();
        return views(caller, List.of(entity(id))).get(0);
    }

    private PolicyRuleEntity entity(UUID id) {
        return rules.findByIdOptional(id).orElseThrow(() -> ProblemException.notFound("policy"));
    }

    private List<PolicyRule> views(Caller caller, List<PolicyRuleEntity> found) {
        Map<UUID, String> templateSlugs = new HashMap<>();
        templates.list(caller).forEach(template -> templateSlugs.put(template.id(), template.slug()));
        Map<UUID, Tenant> teams = tenants.find(found.stream()
                .map(rule -> rule.tenantId)
                .filter(id -> id != null)
                .collect(Collectors.toSet()));
        return found.stream()
                .sorted(Comparator.comparing((PolicyRuleEntity rule) -> rule.kind)
                        .thenComparing(
                                Comparator.comparing(PolicyRuleEntity::weight).reversed())
                        .thenComparing(rule -> rule.changedAt))
                .map(rule -> new PolicyRule(
                        rule.id,
                        rule.kind,
                        rule.templateId == null ? "" : templateSlugs.getOrDefault(rule.templateId, "?"),
                        rule.tenantId == null ? "" : teams.get(rule.tenantId).slug(),
                        rule.byItself,
                        rule.byOwner,
                        rule.above,
                        rule.note,
                        rule.changedBy,
                        rule.changedAt))
                .toList();
    }

    /** Makes the rule of a scope, or changes the one that it has. Holds for requests from now on. */
    @Transactional
    public PolicyRule set(Caller caller, Draft draft) {
        caller.requireAdmin();
        Optional<Template> template = named(draft.template(), slug -> templates.list(caller).stream()
                .filter(one -> one.slug().equals(slug))
                .findFirst());
        Optional<Tenant> tenant = named(draft.tenant(), slug -> tenants.find(caller, slug));
        Checks checks = new Checks()
                .require("kind", draft.kind() != null, "Choose what is asked for.")
                .require(
                        "template",
                        draft.template().isEmpty() || template.isPresent(),
                        "Choose one of the templates, or none for all.")
                .require(
                        "tenant",
                        draft.tenant().isEmpty() || tenant.isPresent(),
                        "Choose one of the teams, or none for all.")
                .require(
                        "above",
                        draft.above() == Deciders.ADMIN || draft.above() == Deciders.BOTH,
                        "Choose who decides on the rest: an admin, or an owner and an admin.")
                .text("note", draft.note(), 500);
        check("byItself", draft.byItself(), checks);
        check("byOwner", draft.byOwner(), checks);
        checks.throwIfAny();
        UUID templateId = template.map(Template::id).orElse(null);
        UUID tenantId = tenant.map(Tenant::id).orElse(null);
        lock();
        PolicyRuleEntity rule = rules.list("kind", draft.kind()).stream()
                .filter(one -> same(one.templateId, templateId) && same(one.tenantId, tenantId))
                .findFirst()
                .orElseGet(() -> fresh(draft.kind(), templateId, tenantId));
        Map<String, Object> before = rule.changedAt == null ? Map.of() : rule.fields();
        rule.byItself = draft.byItself();
        rule.byOwner = draft.byOwner();
        rule.above = draft.above();
        rule.note = draft.note();
        rule.changedBy = caller.username();
        rule.changedAt = clock.instant();
        rules.persist(rule);
        PolicyRule view = views(caller, List.of(rule)).get(0);
        audit.record(
                caller,
                "policy.set",
                Audit.Subject.global("policy", rule.id, view.scope()),
                Audit.change(before, rule.fields()));
        return view;
    }

    /** From now on the next less specific rule holds. */
    @Transactional
    public void delete(Caller caller, UUID id) {
        caller.requireAdmin();
        lock();
        PolicyRuleEntity rule = entity(id);
        audit.record(
                caller,
                "policy.delete",
                Audit.Subject.global(
                        "policy", id, views(caller, List.of(rule)).get(0).scope()),
                Audit.change(rule.fields(), Map.of()));
        rules.delete(rule);
    }

    private void lock() {
        rules.getEntityManager()
                .createNativeQuery(
                        "select pg_advisory_xact_lock(hashtextextended('berth policy rules', 3))", Object.class)
                .getSingleResult();
    }

    private static PolicyRuleEntity fresh(Request.Kind kind, UUID templateId, UUID tenantId) {
        PolicyRuleEntity rule = new PolicyRuleEntity();
        rule.id = UUID.randomUUID();
        rule.kind = kind;
        rule.templateId = templateId;
        rule.tenantId = tenantId;
        return rule;
    }

    private void check(String level, PolicyLimits limits, Checks checks) {
        if (limits != null) {
            limits.check(level, ids(networks), ids(storage), checks);
        }
    }

    private static Set<String> ids(Profiles<?> profiles) {
        return profiles.kinds().stream().map(Profiles.Kind::id).collect(Collectors.toSet());
    }

    private static <T> Optional<T> named(String slug, Function<String, Optional<T>> find) {
        return slug.isEmpty() ? Optional.empty() : find.apply(slug);
    }

    private static boolean same(UUID one, UUID other) {
        return one == null ? other == null : one.equals(other);
    }
}
