package dev.berth.machines;

import jakarta.persistence.Basic;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "machine")
class MachineEntity {
    @Id
    UUID id;

    UUID tenantId;
    String tenantSlug;
    UUID ownerId;
    String ownerName;
    String name;
    UUID revisionId;
    String templateName;
    int revisionNumber;
    String sizeName;
    int vcpus;
    long memoryMib;
    /** Of its system disk; 0 for a machine without one. */
    long diskGib;

    UUID hostId;
    String hostName;

    @Basic(fetch = FetchType.LAZY)
    String sshKeys;

    @Basic(fetch = FetchType.LAZY)
    String userData;

    @Enumerated(EnumType.STRING)
    Wanted wanted;

    /** A {@link Restart} that is still to be done, or empty. */
    String restart = "";

    boolean forceStop;

    /** Its domain may still start with the former figures. */
    boolean resizing;

    /** The size that the running domain has until the next start, or null where it has the machine's own. */
    String formerSize;

    Integer formerVcpus;
    Long formerMemoryMib;
    long generation = 1;

    @Enumerated(EnumType.STRING)
    Operation operation;

    Instant operationAt;
    int attempt;

    @Enumerated(EnumType.STRING)
    Seen seen = Seen.NONE;

    Instant seenAt;

    @Enumerated(EnumType.STRING)
    MachineState state;

    /** The reconciler has nothing left to do for this generation. */
    boolean settled;

    Instant provisionedAt;
    String failureCode = "";
    String failure = "";
    /** What it suffers from that is no failure of its own; only {@link Troubles} writes it. */
    @Column(insertable = false, updatable = false)
    String trouble = "";

    String address = "";
    Instant leaseUntil;

    @Enumerated(EnumType.STRING)
    LeaseState leaseState = LeaseState.ACTIVE;

    Instant leaseSetAt;
    Instant leaseDeleteAt;
    /** A longer lease was asked for, and nobody has decided. */
    boolean leaseAsked;

    /** When {@link LeaseKeeper} has to look at it again. */
    Instant leaseNextAt;

    Instant createdAt;
    Instant goneAt;

    /** The first line that fits is the state. */
    void deriveState() {
        if (goneAt != null) {
            state = MachineState.GONE;
        } else if (!failureCode.isEmpty()) {
            state = MachineState.FAILED;
        } else if (wanted == Wanted.GONE) {
            state = MachineState.DELETING;
        } else if (provisionedAt == null) {
            state = MachineState.PROVISIONING;
        } else if (wanted == Wanted.STOPPED) {
            state = seen == Seen.STOPPED || seen == Seen.CRASHED ? MachineState.STOPPED : MachineState.STOPPING;
        } else if (!restart.isEmpty()) {
            state = MachineState.RESTARTING;
        } else if (seen == Seen.PAUSED) {
            state = MachineState.PAUSED;
        } else if (seen == Seen.RUNNING) {
            state = MachineState.RUNNING;
        } else {
            state = MachineState.STARTING;
        }
    }

    /** Something new is wanted: whatever failed before no longer counts. */
    void want(Operation newOperation, Instant now) {
        generation++;
        operation = newOperation;
        operationAt = now;
        attempt = 0;
        failureCode = "";
        failure = "";
        settled = false;
        deriveState();
    }

    /** Something is wanted beside what is under way: that keeps its name and its patience. */
    void wantAlso(Operation newOperation, Instant now) {
        boolean atRest = settled && failureCode.isEmpty();
        want(atRest ? newOperation : operation, atRest ? now : operationAt);
    }

    /** @param until null for no end */
    void lease(Instant until, Instant now) {
        leaseUntil = until;
        leaseState = until == null ? LeaseState.PINNED : LeaseState.ACTIVE;
        leaseSetAt = now;
        leaseDeleteAt = null;
        leaseNextAt = until == null ? null : now;
    }

    void seen(Seen now, Instant at) {
        seen = now;
        seenAt = at;
    }

    Machine toMachine() {
        return new Machine(
                id,
                tenantId,
                tenantSlug,
                ownerId,
                ownerName,
                name,
                templateName,
                revisionNumber,
                revisionId,
                sizeName,
                vcpus,
                memoryMib,
                diskGib,
                hostName,
                state,
                operation,
                wanted,
                seen,
                seenAt,
                address.isEmpty() ? null : address,
                failureCode,
                failure,
                new Lease(leaseState, leaseUntil, leaseSetAt, leaseDeleteAt),
                createdAt,
                goneAt,
                trouble == null ? "" : trouble,
                formerSize == null ? null : new Machine.Former(formerSize, formerVcpus, formerMemoryMib));
    }
}
