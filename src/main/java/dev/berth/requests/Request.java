package dev.berth.requests;

import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * An ask and what became of it.
 *
 * @param name what it is about, in one word
 * @param machineId the machine that it becomes or that it is about, or null
 * @param summary what is asked for, in one line
 * @param amounts what it takes from the quota
 * @param path where that which came of it is to be seen
 * @param endorsedBy the owner who said yes, while an admin has yet to; or null
 * @param whyApproval why it did not pass by itself, empty when it did
 * @param decidedBy a person's user name, {@code policy} when it passed by itself, or null
 * @param machine what only a request for a machine has, or null
 */
public record Request(
        UUID id,
        Kind kind,
        UUID tenantId,
        String tenantSlug,
        UUID requesterId,
        String requesterName,
        String name,
        UUID machineId,
        String summary,
        List<Fact> facts,
        Map<Resource, Long> amounts,
        String path,
        String reason,
        RequestState state,
        Deciders needs,
        String endorsedBy,
        String whyApproval,
        String decidedBy,
        Instant decidedAt,
        String decisionReason,
        Instant createdAt,
        List<Change> changes,
        boolean askedBack,
        UUID assigneeId,
        String assigneeName,
        MachineAsk machine) {
    /** What can be asked for. */
    public enum Kind {
        MACHINE("New machine"),
        RESIZE("Other size"),
        EXTENSION("Longer lease"),
        QUOTA("More quota"),
        TEMPLATE("Template");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        /** As it stands in forms and URLs. */
        public String key() {
            return name();
        }
    }

    /**
     * One line of the ask.
     *
     * @param code whether the value is long and is shown as it is, letter by letter
     */
    public record Fact(String label, String value, boolean code) {
        Fact(String label, String value) {
            this(label, value, false);
        }
    }

    /**
     * What a decider can offer otherwise.
     *
     * @param value as it was asked for
     * @param options to choose from; empty for a whole number from 1 up to what was asked for
     */
    public record Part(String name, String label, String value, List<Option> options) {}

    /** @param value as it is sent; the label is for people */
    public record Option(String value, String label) {}

    /** What an offer makes of one line of the ask. */
    public record Change(String label, String before, String after) {}

    /**
     * The machine that is asked for.
     *
     * @param snapshotId the snapshot that it shall be a clone of, or null
     */
    public record MachineAsk(
            String templateName,
            int revisionNumber,
            String sizeName,
            int vcpus,
            long memoryMib,
            long diskGib,
            String networkSlug,
            String storageSlug,
            String userData,
            int sshKeyCount,
            int leaseHours,
            UUID snapshotId) {}

    /** Whether it may still become a yes or a no, and holds what it takes. */
    public boolean open() {
        return state.open();
    }

    /** What it takes of one resource. */
    public long amount(Resource resource) {
        return amounts.getOrDefault(resource, 0L);
    }

    /** Whether this person may answer it now. */
    public boolean decidable(Caller caller) {
        return state == RequestState.PENDING && needs.may(caller, tenantId);
    }
}
