package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.util.Arrays;
import java.util.Optional;

/** What keeps a host from an iSCSI target, as libiscsi's words tell, and what to do about it. */
public enum IscsiTrouble {
    NO_DRIVER(
            Reason.MISSING,
            "The host's QEMU has no iSCSI. Install the package qemu-block-extra there.",
            "Unknown driver 'iscsi'",
            "Unknown protocol 'iscsi'"),
    WRONG_SECRET(
            Reason.MISSING,
            "The iSCSI target refused to let the host in: its CHAP user or secret is another one. An admin has to enter"
                    + " them anew in the storage profile.",
            "Authentication failure"),
    NOT_ALLOWED(
            Reason.MISSING,
            "The iSCSI target does not let this host in. Its own administrator has to allow the host's initiator name.",
            "Authorization failure",
            "(514)"),
    NO_TARGET(
            Reason.MISSING,
            "The portal has no iSCSI target of this name. Put the name in the storage profile right.",
            "Target not found",
            "(515)"),
    NO_LUN(
            Reason.MISSING,
            "The iSCSI target no longer has the disk's LUN. Its own administrator has to put it back.",
            "LOGICAL_UNIT_NOT_SUPPORTED"),
    /** Whatever else: it is tried again. */
    NO_ANSWER(
            Reason.FAILED,
            "The iSCSI target does not answer. Machines on it wait; this is tried again.",
            "iSCSI:",
            "iscsi_");

    private final Reason reason;
    private final String sentence;
    private final String[] words;

    IscsiTrouble(Reason reason, String sentence, String... words) {
        this.reason = reason;
        this.sentence = sentence;
        this.words = words;
    }

    /** Empty if the words are of something else. */
    static Optional<IscsiTrouble> of(String said) {
        return Arrays.stream(values())
                .filter(trouble -> Arrays.stream(trouble.words).anyMatch(said::contains))
                .findFirst();
    }

    public String sentence() {
        return sentence;
    }

    IscsiException failure() {
        return new IscsiException(this);
    }

    /** The trouble where somebody meant to do something. */
    public static final class IscsiException extends HypervisorException {
        private static final long serialVersionUID = 1L;

        private final IscsiTrouble trouble;

        IscsiException(IscsiTrouble trouble) {
            super(trouble.reason, trouble.sentence);
            this.trouble = trouble;
        }

        public IscsiTrouble trouble() {
            return trouble;
        }
    }
}
