package dev.berth.console;

import dev.berth.audit.Audit;
import dev.berth.console.ConsoleTickets.Admission;
import dev.berth.machines.Machine;
import dev.berth.security.Caller;
import dev.berth.security.Credential;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The consoles that are open in all web processes: so that they can be counted, shown, and taken over. A process keeps
 * its own rows fresh ({@link #keep}); those of one that died lapse by themselves. Times are the database's.
 */
@ApplicationScoped
class OpenConsoles {
    /** Of this process, as long as it lives. */
    private final UUID process = UUID.randomUUID();

    /** A row that was not kept for this long is a dead process's. */
    private static final String LAPSED = "seen_at < now() - interval '60 seconds'";

    private static final String HERE = "taken_by is null and not (" + LAPSED + ")";
    /**
     * Whoever begins a console looks and adds alone, so that the caps hold; and whoever changes many rows does it alone,
     * so that no two wait for each other. Any constant of ours.
     */
    private static final long LOCK = 0x636f6e736f6c65L;

    private final EntityManager em;
    private final ConsoleConfig config;
    private final Audit audit;

    OpenConsoles(EntityManager em, ConsoleConfig config, Audit audit) {
        this.em = em;
        this.config = config;
        this.audit = audit;
    }

    /**
     * Notes that a console begins. One that takes over ends the control of others, and makes room where there is none.
     *
     * @throws ConsoleException when too many are open
     */
    @Transactional
    void begin(UUID id, Admission admission) {
        lock();
        UUID machineId = admission.machine().id();
        UUID userId = admission.caller().userId();
        if (admission.mode() == ConsoleMode.TAKE_OVER) {
            takeOver(admission);
        }
        if (count("machine_id", machineId) >= config.maxPerMachine()) {
            throw new ConsoleException(Ending.MACHINE_FULL);
        }
        if (count("user_id", userId) >= config.maxPerUser()) {
            throw new ConsoleException(Ending.USER_FULL);
        }
        em.createNativeQuery(
                        """
                        insert into console_session
                            (id, machine_id, user_id, username, login, process, address, view_only, begun_at, seen_at)
                         values (?, ?, ?, ?, ?, ?, ?, ?, now(), now())""")
                .setParameter(1, id)
                .setParameter(2, machineId)
                .setParameter(3, userId)
                .setParameter(4, admission.caller().username())
                .setParameter(5, login(admission))
                .setParameter(6, process)
                .setParameter(7, admission.caller().source())
                .setParameter(8, admission.mode() == ConsoleMode.VIEW)
                .executeUpdate();
    }

    private void lock() {
        em.createNativeQuery("select cast(pg_advisory_xact_lock(?) as text)", String.class)
                .setParameter(1, LOCK)
                .getSingleResult();
    }

    private void takeOver(Admission admission) {
        UUID machineId = admission.machine().id();
        UUID userId = admission.caller().userId();
        String username = admission.caller().username();
        TreeSet<String> lost = new TreeSet<>(end(username, "machine_id = ? and not view_only", machineId));
        if (count("machine_id", machineId) >= config.maxPerMachine()) {
            lost.addAll(end(username, oldest("machine_id"), machineId));
        }
        if (count("user_id", userId) >= config.maxPerUser()) {
            lost.addAll(end(username, oldest("user_id"), userId));
        }
        if (!lost.isEmpty()) {
            Machine machine = admission.machine();
            audit.record(
                    admission.caller(),
                    "console.take-over",
                    new Audit.Subject(
                            "machine", machine.id(), machine.name(), machine.tenantId(), machine.tenantSlug()),
                    Map.of("from", String.join(", ", lost)));
        }
    }

    private static String oldest(String column) {
        return "id = (select id from console_session where " + column + " = ? and " + HERE
                + " order by begun_at limit 1)";
    }

    /** @return whose consoles these were */
    @SuppressWarnings("unchecked")
    private List<String> end(String by, String which, UUID id) {
        return em.createNativeQuery(
                        "update console_session set taken_by = ? where " + HERE + " and " + which
                                + " returning username",
                        String.class)
                .setParameter(1, by)
                .setParameter(2, id)
                .getResultList();
    }

    private long count(String column, UUID id) {
        return ((Number) em.createNativeQuery(
                                "select count(*) from console_session where " + column + " = ? and " + HERE, Long.class)
                        .setParameter(1, id)
                        .getSingleResult())
                .longValue();
    }

    private static String login(Admission admission) {
        Credential credential = admission.holder().credential();
        return credential.kind() == Credential.Kind.LOGIN ? credential.id() : "";
    }

    /** It is over. Nothing happens when there is none. */
    @Transactional
    void end(UUID id) {
        em.createNativeQuery("delete from console_session where id = ?")
                .setParameter(1, id)
                .executeUpdate();
    }

    /** This process stops. */
    @Transactional
    void endAll() {
        lock();
        em.createNativeQuery("delete from console_session where process = ?")
                .setParameter(1, process)
                .executeUpdate();
    }

    /**
     * Keeps this process's rows, deletes its own that are over by now and those that lapsed.
     *
     * @param ids those that go on
     * @return those of these whose row is gone: another process took this one for dead
     */
    @Transactional
    Collection<UUID> keep(Collection<UUID> ids) {
        lock();
        List<UUID> lost = new ArrayList<>(ids);
        if (!ids.isEmpty()) {
            lost.removeAll(em.createNativeQuery(
                            "update console_session set seen_at = now() where id in (:ids) returning id", UUID.class)
                    .setParameter("ids", ids)
                    .getResultList());
        }
        // What began just now may not be among the ids yet. Others' rows go late: the database may have been away from
        // all.
        em.createNativeQuery(
                        """
                        delete from console_session where seen_at < now() - interval '10 minutes'
                            or (process = :process and begun_at < now() - interval '60 seconds' and id not in (:ids))""")
                .setParameter("process", process)
                .setParameter("ids", ids.isEmpty() ? List.of(process) : ids)
                .executeUpdate();
        return lost;
    }

    /** Those of this process that somebody took over, with who did. */
    @Transactional
    Map<UUID, String> taken() {
        Map<UUID, String> taken = new HashMap<>();
        for (Object row : em.createNativeQuery(
                        "select id, taken_by from console_session where process = ? and taken_by is not null",
                        Object[].class)
                .setParameter(1, process)
                .getResultList()) {
            Object[] columns = (Object[]) row;
            taken.put((UUID) columns[0], (String) columns[1]);
        }
        return taken;
    }

    /** Who is connected to a machine, with where they came from; the first comer first. */
    @Transactional
    List<Connected> of(UUID machineId) {
        List<Connected> people = new ArrayList<>();
        for (Object row : em.createNativeQuery(
                        "select id, username, begun_at, view_only, address from console_session where machine_id = ? and "
                                + HERE + " order by begun_at, id",
                        Object[].class)
                .setParameter(1, machineId)
                .getResultList()) {
            Object[] columns = (Object[]) row;
            people.add(new Connected(
                    (UUID) columns[0], (String) columns[1], (Instant) columns[2], (Boolean) columns[3], (String)
                            columns[4]));
        }
        return people;
    }

    /** What this caller may know of them: where others come from is for owners and admins. */
    static List<Connected> shown(List<Connected> people, Caller caller, Machine machine) {
        boolean all = caller.seesAll() || caller.owns(machine.tenantId());
        return all ? people : people.stream().map(Connected::withoutAddress).toList();
    }
}
