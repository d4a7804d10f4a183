package dev.berth.catalog;

import dev.berth.hypervisor.HostCheck;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What hosts say of profiles, of either family. */
@ApplicationScoped
public class ProfileChecks {
    /** On this channel workers hear which profile to look at again; the payload is its id. */
    public static final String CHANNEL = "berth_checks";

    @ApplicationScoped
    static class CheckRepository implements PanacheRepositoryBase<ProfileCheckEntity, ProfileCheckEntity.Key> {}

    private final CheckRepository checks;
    private final Clock clock;

    ProfileChecks(CheckRepository checks, Clock clock) {
        this.checks = checks;
        this.clock = clock;
    }

    /** Asks all workers to look again, once the caller's transaction is through. */
    @Transactional(Transactional.TxType.MANDATORY)
    void ask(UUID profileId) {
        checks.getEntityManager()
                .createNativeQuery("select pg_notify(:channel, :profile)", Object.class)
                .setParameter("channel", CHANNEL)
                .setParameter("profile", profileId.toString())
                .getSingleResult();
    }

    /** One statement: two workers may serve the same host. */
    @Transactional
    void store(UUID profileId, UUID hostId, String hostName, HostCheck check) {
        checks.getEntityManager()
                .createNativeQuery(
                        """
                        insert into profile_check (profile_id, host_id, host_name, problems, advice, facts,
                                                   checked_at)
                        values (:profile, :host, :name, to_jsonb(cast(:problems as text[])),
                                to_jsonb(cast(:advice as text[])),
                                jsonb_object(cast(:facts as text[]), cast(:values as text[])), :at)
                        on conflict (profile_id, host_id) do update
                           set host_name = excluded.host_name, problems = excluded.problems,
                               advice = excluded.advice, facts = excluded.facts,
                               checked_at = excluded.checked_at""")
                .setParameter("profile", profileId)
                .setParameter("host", hostId)
                .setParameter("name", hostName)
                .setParameter("problems", check.problems().toArray(String[]::new))
                .setParameter("advice", check.advice().toArray(String[]::new))
                .setParameter("facts", check.facts().keySet().toArray(String[]::new))
                .setParameter("values", check.facts().values().toArray(String[]::new))
                .setParameter("at", clock.instant())
                .executeUpdate();
    }

    /** What was said of other settings says nothing of the new ones. */
    @Transactional(Transactional.TxType.MANDATORY)
    void forget(UUID profileId) {
        checks.delete("profileId", profileId);
    }

    @Transactional
    List<ProfileCheck> of(UUID profileId) {
        return of(Set.of(profileId)).getOrDefault(profileId, List.of());
    }

    /** By profile, in the order of the hosts' names. */
    @Transactional
    Map<UUID, List<ProfileCheck>> of(Collection<UUID> profileIds) {
        return checks.find("profileId in ?1 order by hostName", profileIds).stream()
                .map(ProfileCheckEntity::toCheck)
                .collect(Collectors.groupingBy(ProfileCheck::profileId));
    }

    @Transactional
    Set<UUID> hostsThatCannot(UUID profileId) {
        return of(profileId).stream()
                .filter(check -> !check.good())
                .map(ProfileCheck::hostId)
                .collect(Collectors.toCollection(HashSet::new));
    }
}
