package dev.berth.hypervisor;

/** A host could not do what was asked. The message is a sentence for people; details go to the log. */
public class HypervisorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure it is, and so whether trying again can help. */
    public enum Reason {
        /** The host or its libvirtd does not answer: try again. */
        UNREACHABLE(true),
        /** The host lacks memory, space or another resource right now: try again. */
        NO_RESOURCES(true),
        /** What the step needs is not on the host, for example the image's file: a person has to act. */
        MISSING(false),
        /** libvirt refuses the request as such: trying again can't help. */
        REJECTED(false),
        /** Anything else: try again. */
        FAILED(true);

        private final boolean retryable;

        Reason(boolean retryable) {
            this.retryable = retryable;
        }
    }

    private final Reason reason;

    public HypervisorException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public HypervisorException(Reason reason, String message) {
        this(reason, message, null);
    }

    public Reason reason() {
        return reason;
    }

    public boolean retryable() {
        return reason.retryable;
    }
}
