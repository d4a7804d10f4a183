package dev.berth.machines;

import dev.berth.tenancy.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The forwarded ports that lead to single cards. */
@ApplicationScoped
class CardForwards {
    private final EntityManager em;
    private final Quotas quotas;

    CardForwards(EntityManager em, Quotas quotas) {
        this.em = em;
        this.quotas = quotas;
    }

    /** How many lead to each card of a machine, by the card's id. */
    Map<UUID, Long> counts(UUID machineId) {
        Map<UUID, Long> counts = new HashMap<>();
        em.createNativeQuery(
                        "select nic_id, count(*) from forward where machine_id = :machine group by nic_id",
                        Object[].class)
                .setParameter("machine", machineId)
                .getResultList()
                .forEach(row -> counts.put((UUID) ((Object[]) row)[0], (Long) ((Object[]) row)[1]));
        return counts;
    }

    /** Closes all that lead to the card, and gives their quota back. */
    @Transactional(Transactional.TxType.MANDATORY)
    int close(UUID nicId) {
        List<UUID> closed = em.createNativeQuery("delete from forward where nic_id = :nic returning id", UUID.class)
                .setParameter("nic", nicId)
                .getResultList();
        closed.forEach(quotas::release);
        return closed.size();
    }
}
