package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.Map;

/** What admins say of all quotas. */
@ApplicationScoped
public class QuotaSettings {
    /** Whether stopped machines give back vCPUs and memory has just been changed; all stopped machines follow. */
    public record StoppedChanged(boolean giveBack) {}

    private final EntityManager em;
    private final Audit audit;
    private final Event<StoppedChanged> changes;

    QuotaSettings(EntityManager em, Audit audit, Event<StoppedChanged> changes) {
        this.em = em;
        this.audit = audit;
        this.changes = changes;
    }

    /** Whether a stopped machine holds no vCPUs and no memory. */
    @Transactional
    public boolean stoppedGiveBack() {
        return (boolean) em.createNativeQuery("select stopped_give_back from quota_setting", Boolean.class)
                .getSingleResult();
    }

    @Transactional
    public void setStoppedGiveBack(Caller caller, boolean giveBack) {
        caller.requireAdmin();
        int changed = em.createNativeQuery(
                        "update quota_setting set stopped_give_back = :value where stopped_give_back <> :value")
                .setParameter("value", giveBack)
                .executeUpdate();
        if (changed > 0) {
            audit.record(
                    caller,
                    "quota.stopped-machines",
                    Audit.Subject.global("quota", "all", "all quotas"),
                    Map.of("before", !giveBack, "after", giveBack));
            changes.fire(new StoppedChanged(giveBack));
        }
    }
}
