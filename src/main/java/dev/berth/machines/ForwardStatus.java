package dev.berth.machines;

import dev.berth.hypervisor.ForwardSpec;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** The ports of one host as its rules are to have them. For the worker. */
@ApplicationScoped
public class ForwardStatus {
    private final EntityManager em;
    private final Clock clock;

    ForwardStatus(EntityManager em, Clock clock) {
        this.em = em;
        this.clock = clock;
    }

    private record Row(UUID id, boolean applied, ForwardSpec spec) {}

    /**
     * Reads what is to be open on the host and hands it to {@code apply}, one at a time for each host however many
     * workers serve it: what was read later is applied later. Ports of machines that are to go are not among them.
     */
    @Transactional
    public void apply(String hostName, Consumer<List<ForwardSpec>> apply) {
        em.createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:host, 5))", Object.class)
                .setParameter("host", hostName)
                .getSingleResult();
        List<Row> rows = rows(hostName);
        apply.accept(rows.stream().map(Row::spec).toList());
        List<UUID> fresh =
                rows.stream().filter(row -> !row.applied()).map(Row::id).toList();
        if (!fresh.isEmpty()) {
            em.createQuery("update ForwardEntity set appliedAt = :now where id in :ids")
                    .setParameter("now", clock.instant())
                    .setParameter("ids", fresh)
                    .executeUpdate();
        }
    }

    private List<Row> rows(String hostName) {
        return em
                .createQuery(
                        """
                        select f, n.address from ForwardEntity f join NicEntity n on n.id = f.nicId
                          join MachineEntity m on m.id = f.machineId
                         where f.hostName = :host and m.wanted <> :gone and n.address is not null""",
                        Object[].class)
                .setParameter("host", hostName)
                .setParameter("gone", Wanted.GONE)
                .getResultList()
                .stream()
                .map(row -> row((ForwardEntity) row[0], (String) row[1]))
                .toList();
    }

    private static Row row(ForwardEntity forward, String address) {
        return new Row(
                forward.id,
                forward.appliedAt != null,
                new ForwardSpec(forward.protocol, forward.hostPort, address, forward.guestPort));
    }
}
