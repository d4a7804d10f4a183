package dev.berth.machines;

import dev.berth.common.ProblemException;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The rows of moves, and what they forbid. */
@ApplicationScoped
class MoveRows implements PanacheRepositoryBase<MoveEntity, UUID> {
    private static final Set<MoveState> COPYING = Set.of(MoveState.COPYING, MoveState.VERIFYING);

    /** Those of the machine with something left to do or to decide. */
    List<MoveEntity> open(UUID machineId) {
        return list(
                "machineId = ?1 and (pending = true or state = ?2) order by requestedAt", machineId, MoveState.DONE);
    }

    /** A machine may start unless one of its disks is being copied; what it writes is then the new disk's alone. */
    void starting(UUID machineId) {
        if (count("machineId = ?1 and state in ?2", machineId, COPYING) > 0) {
            throw ProblemException.conflict(
                    "disk-moving",
                    "A disk of this machine is being moved. Wait until that is done, or cancel the move on the disk's page.");
        }
        long captures = getEntityManager()
                .createQuery(
                        "select count(*) from CaptureEntity where machineId = :id and state = :copying", Long.class)
                .setParameter("id", machineId)
                .setParameter("copying", Capture.State.COPYING)
                .getSingleResult();
        if (captures > 0) {
            throw ProblemException.conflict(
                    "disk-capturing",
                    "An image is being made of a disk of this machine. Wait until that is done, or cancel it on the disk's page.");
        }
        update("started = true where machineId = ?1 and state = ?2", machineId, MoveState.DONE);
    }

    /** @throws ProblemException conflict while the disk is being moved or its old copy is kept */
    void refuseOpen(UUID diskId) {
        if (count("diskId = ?1 and (pending = true or state = ?2)", diskId, MoveState.DONE) > 0) {
            throw ProblemException.conflict(
                    "disk-moving",
                    "The disk is being moved, or its old copy is still kept. Confirm or undo the move on the disk's page first.");
        }
    }
}
