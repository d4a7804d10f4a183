package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.User;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** What one member may hold of the tenant's quota: the same for all, or said of one. The tenant's owners say it. */
@ApplicationScoped
public class Shares {
    private final EntityManager em;
    private final Members members;
    private final Quotas quotas;
    private final Audit audit;

    Shares(EntityManager em, Members members, Quotas quotas, Audit audit) {
        this.em = em;
        this.quotas = quotas;
        this.members = members;
        this.audit = audit;
    }

    /**
     * What a member holds of one resource.
     *
     * @param share said of this member, or null
     */
    public record Standing(User user, Resource resource, long used, Long share) {}

    /** What each member may hold if nothing else is said of it; what is not named has no such limit. */
    @Transactional
    public Map<Resource, Long> ofAll(Tenant tenant) {
        Map<Resource, Long> shares = new HashMap<>();
        for (Object row : em.createNativeQuery(
                        """
                        select resource, member_share from quota
                         where tenant_id = :tenant and name = '' and member_share is not null""",
                        Object[].class)
                .setParameter("tenant", tenant.id())
                .getResultList()) {
            Object[] cells = (Object[]) row;
            shares.put(QuotaLine.of((String) cells[0], "").resource(), ((Number) cells[1]).longValue());
        }
        return shares;
    }

    /** What members hold and may hold, member by member; only what is not nothing. */
    @Transactional
    public List<Standing> standing(Caller caller, Tenant tenant) {
        Map<UUID, User> users = members.list(caller, tenant).stream()
                .map(Member::user)
                .collect(Collectors.toMap(User::id, user -> user));
        List<Standing> all = new ArrayList<>();
        for (Object row : em.createNativeQuery(
                        """
                        select coalesce(h.user_id, s.user_id), q.resource, coalesce(h.used, 0), s.share
                          from (select tenant_id, resource, user_id, sum(amount) as used from quota_hold
                                 where tenant_id = :tenant and user_id is not null group by 1, 2, 3) h
                          full join quota_share s using (tenant_id, resource, user_id)
                          join quota q using (tenant_id, resource)
                         where tenant_id = :tenant and q.name = ''""",
                        Object[].class)
                .setParameter("tenant", tenant.id())
                .getResultList()) {
            Object[] cells = (Object[]) row;
            Optional.ofNullable(users.get((UUID) cells[0]))
                    .ifPresent(user -> all.add(new Standing(
                            user,
                            QuotaLine.of((String) cells[1], "").resource(),
                            ((Number) cells[2]).longValue(),
                            cells[3] == null ? null : ((Number) cells[3]).longValue())));
        }
        all.sort(java.util.Comparator.comparing((Standing one) -> one.user().username())
                .thenComparing(Standing::resource));
        return all;
    }

    /** What each member may hold if nothing else is said of it. @param shares null for no such limit */
    @Transactional
    public void setForAll(Caller caller, Tenant tenant, Map<Resource, Long> shares) {
        requireMay(caller, tenant);
        check(shares);
        quotas.lockAll(tenant.id());
        shares.forEach((resource, share) -> em.createNativeQuery(
                        """
                        update quota set member_share = cast(nullif(:share, '') as bigint)
                         where tenant_id = :tenant and resource = :resource""")
                .setParameter("share", share == null ? "" : share.toString())
                .setParameter("tenant", tenant.id())
                .setParameter("resource", resource.key())
                .executeUpdate());
        record(caller, tenant, "all members", shares);
    }

    /** What this member may hold. @param shares null for what holds for all members */
    @Transactional
    public void set(Caller caller, Tenant tenant, String username, Map<Resource, Long> shares) {
        requireMay(caller, tenant);
        check(shares);
        User user = members.list(caller, tenant).stream()
                .map(Member::user)
                .filter(member -> member.username().equals(username))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid("username", "Choose one of the team's members."));
        shares.forEach((resource, share) -> set(tenant, user, resource, share));
        record(caller, tenant, username, shares);
    }

    private void set(Tenant tenant, User user, Resource resource, Long share) {
        String sql = share == null
                ? "delete from quota_share where tenant_id = :tenant and resource = :resource and user_id = :user"
                : """
                  insert into quota_share (tenant_id, resource, user_id, share) values (:tenant, :resource, :user, :share)
                  on conflict (tenant_id, resource, user_id) do update set share = excluded.share""";
        var query = em.createNativeQuery(sql)
                .setParameter("tenant", tenant.id())
                .setParameter("resource", resource.key())
                .setParameter("user", user.id());
        if (share != null) {
            query.setParameter("share", share);
        }
        query.executeUpdate();
    }

    private void requireMay(Caller caller, Tenant tenant) {
        if (!members.mayChange(caller, tenant)) {
            throw ProblemException.forbidden("Only an owner of the team or an admin may set its members' shares.");
        }
    }

    private static void check(Map<Resource, Long> shares) {
        shares.forEach((resource, share) -> {
            if (resource.scoped()) {
                throw ProblemException.invalid("shares", "There are no shares of " + resource.key() + ".");
            }
            if (share != null && share < 0) {
                throw ProblemException.invalid(
                        resource.key(), "Choose a share of 0 or more, or leave it empty for none.");
            }
        });
    }

    private void record(Caller caller, Tenant tenant, String whose, Map<Resource, Long> shares) {
        Map<String, Object> detail = new HashMap<>();
        detail.put("whose", whose);
        shares.forEach((resource, share) -> detail.put(resource.key(), share == null ? "none" : share));
        audit.record(caller, "quota.share", Quotas.subject(tenant), detail);
    }
}
