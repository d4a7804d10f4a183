package dev.berth.testing;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.UUID;

/** Puts leases where a test wants them. */
@ApplicationScoped
public class LeaseRows {
    private final EntityManager em;

    LeaseRows(EntityManager em) {
        this.em = em;
    }

    /**
     * A lease of a machine that began 20 days ago.
     *
     * @param until from now on, {@code 12 hours}; some seconds more, so that it reads as the same for a while
     * @param deleteAt the same for the deletion, or null
     */
    @Transactional
    public void set(String machine, String state, String until, String deleteAt) {
        em.createNativeQuery(
                        """
                        update machine
                           set lease_state = :state, lease_set_at = now() - interval '20 days',
                               lease_until = now() + cast(:until as interval) + interval '10 seconds',
                               lease_delete_at = now() + cast(:deleteAt as interval) + interval '10 seconds'
                         where id = :id""")
                .setParameter("state", state)
                .setParameter("until", until)
                .setParameter("deleteAt", deleteAt)
                .setParameter("id", UUID.fromString(machine))
                .executeUpdate();
    }
}
