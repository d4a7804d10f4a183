package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.common.SqlTimes;
import dev.berth.machines.Stray.Kind;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What lies on hosts and belongs to nothing here: written down by the hosts' workers, read by admins, who may have it
 * removed. A worker looks again before it removes anything.
 */
@ApplicationScoped
public class Strays {
    private static final String SELECT =
            """
            select id, kind, ref, host_name, name, storage_profile_id, storage_slug, running, vcpus, memory_mib, bytes, since,
                   removing, note from stray\s""";

    private final EntityManager em;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Strays(EntityManager em, MachineQueue queue, Audit audit, Clock clock) {
        this.em = em;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** All of them, by host, as the last look at each has it; for admins. */
    @Transactional
    public List<Stray> list(Caller caller) {
        caller.requireSeesAll();
        return find("order by host_name, kind, name, ref", Map.of());
    }

    /** One of them; for admins. */
    @Transactional
    public Stray get(Caller caller, UUID id) {
        caller.requireSeesAll();
        return byId(id, "").orElseThrow(Strays::notFound);
    }

    /**
     * Has its host's worker remove it, and all that it holds; for admins.
     *
     * @param confirmation its name, said again
     */
    @Transactional
    public Stray remove(Caller caller, UUID id, String confirmation) {
        caller.requireAdmin();
        Stray stray = byId(id, "for update").orElseThrow(Strays::notFound);
        if (!stray.name().equals(confirmation.strip())) {
            throw ProblemException.invalid("confirm", "Type the name exactly, " + stray.name() + ", to remove it.");
        }
        if (!stray.removing()) {
            update("removing = true, note = ''", id);
            audit.record(
                    caller,
                    "stray.remove",
                    Audit.Subject.global(stray.kind() == Kind.DOMAIN ? "domain" : "volume", stray.ref(), stray.name()),
                    Map.of("host", stray.hostName(), "storage", stray.storage()));
        }
        queue.enqueueStray(id, stray.hostName());
        return byId(id, "").orElseThrow(Strays::notFound);
    }

    private static ProblemException notFound() {
        return ProblemException.notFound("stray");
    }

    /** What is written down of a host; for its worker. */
    @Transactional
    public List<Stray> of(String hostName) {
        return find("where host_name = :host", Map.of("host", hostName));
    }

    /** Of these domains of a host, those that no machine there has; for its worker. */
    @Transactional
    public Set<UUID> unknownDomains(String hostName, Collection<UUID> domains) {
        Set<UUID> unknown = new HashSet<>(domains);
        if (!unknown.isEmpty()) {
            em.createNativeQuery(
                            """
                            select id from machine
                             where host_name = :host and gone_at is null and id = any(cast(:ids as uuid[]))""",
                            UUID.class)
                    .setParameter("host", hostName)
                    .setParameter("ids", KnownVolumes.array(domains))
                    .getResultList()
                    .forEach(unknown::remove);
        }
        return unknown;
    }

    /**
     * Writes down all that a host has now: what is new, and what is there no longer.
     *
     * @param found what is written down already may come without its figures
     */
    @Transactional
    public void found(String hostName, Collection<Stray> found) {
        Map<Stray.Key, Stray> before = of(hostName).stream().collect(Collectors.toMap(Stray::key, stray -> stray));
        for (Stray stray : found) {
            Stray known = before.remove(stray.key());
            if (known == null) {
                insert(stray);
            } else if (known.running() != stray.running()) {
                update("running = not running", known.id());
            }
        }
        before.values().forEach(stray -> gone(stray.id()));
    }

    private void insert(Stray stray) {
        em.createNativeQuery(
                        """
                        insert into stray (id, host_name, kind, ref, name, storage_profile_id, storage_slug, running, vcpus,
                                           memory_mib, bytes, since)
                        values (gen_random_uuid(), :host, :kind, :ref, :name, cast(:profile as uuid), :storage, :running,
                                cast(:vcpus as int), cast(:memory as bigint), cast(:bytes as bigint), :now)
                        on conflict do nothing""")
                .setParameter("host", stray.hostName())
                .setParameter("kind", stray.kind().name())
                .setParameter("ref", stray.ref())
                .setParameter("name", stray.name())
                .setParameter("profile", text(stray.profileId()))
                .setParameter("storage", stray.storage())
                .setParameter("running", stray.running())
                .setParameter("vcpus", text(stray.vcpus()))
                .setParameter("memory", text(stray.memoryMib()))
                .setParameter("bytes", text(stray.bytes()))
                .setParameter("now", Timestamp.from(clock.instant()))
                .executeUpdate();
    }

    /** Null keeps its type that way. */
    private static String text(Object value) {
        return value == null ? null : value.toString();
    }

    /** One that is to be removed; empty when it is no longer there or nobody wants that. */
    @Transactional
    public Optional<Stray> unwanted(UUID id) {
        return byId(id, "").filter(Stray::removing);
    }

    /** It is off its host, or turned out to be somebody's. */
    @Transactional
    public void gone(UUID id) {
        em.createNativeQuery("delete from stray where id = :id")
                .setParameter("id", id)
                .executeUpdate();
    }

    /** Why it is still there. @param ended nobody tries again unless an admin says so again */
    @Transactional
    public void note(UUID id, String note, boolean ended) {
        em.createNativeQuery("update stray set note = :note, removing = :removing where id = :id and removing")
                .setParameter("note", note)
                .setParameter("removing", !ended)
                .setParameter("id", id)
                .executeUpdate();
    }

    private void update(String change, UUID id) {
        em.createNativeQuery("update stray set " + change + " where id = :id")
                .setParameter("id", id)
                .executeUpdate();
    }

    private Optional<Stray> byId(UUID id, String lock) {
        return find("where id = :id " + lock, Map.of("id", id)).stream().findFirst();
    }

    private List<Stray> find(String which, Map<String, ?> parameters) {
        var query = em.createNativeQuery(SELECT + which, Object[].class);
        parameters.forEach(query::setParameter);
        List<?> rows = query.getResultList();
        return rows.stream().map(row -> stray((Object[]) row)).toList();
    }

    private static Stray stray(Object[] row) {
        return new Stray(
                (UUID) row[0],
                Kind.valueOf((String) row[1]),
                (UUID) row[2],
                (String) row[3],
                (String) row[4],
                (UUID) row[5],
                (String) row[6],
                (boolean) row[7],
                (Integer) row[8],
                (Long) row[9],
                (Long) row[10],
                SqlTimes.instant(row[11]),
                (boolean) row[12],
                (String) row[13]);
    }
}
