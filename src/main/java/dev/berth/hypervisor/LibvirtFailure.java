package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.util.Locale;
import java.util.Set;

/** What libvirt said when a call failed (virError): its code and domain as in virterror.h, and its own words. */
final class LibvirtFailure extends Exception {
    private static final long serialVersionUID = 1L;

    static final int NO_DOMAIN = 42;
    static final int NO_NETWORK = 43;
    static final int NO_POOL = 49;
    static final int NO_VOLUME = 50;
    static final int OPERATION_INVALID = 55;
    static final int NO_NWFILTER = 62;
    static final int NO_SECRET = 66;
    static final int NO_DOMAIN_METADATA = 80;

    private static final int DEVICE_MISSING = 99;
    private static final int NO_SUPPORT = 3;
    private static final int OUT_OF_MEMORY = 2;
    private static final int INVALID_ARGUMENT = 8;
    private static final int RPC = 39;
    private static final int RPC_DOMAIN = 7;
    /** XML_ERROR, XML_DETAIL, OPERATION_DENIED, CONFIG_UNSUPPORTED, ACCESS_DENIED, XML_INVALID_SCHEMA, OPERATION_UNSUPPORTED. */
    private static final Set<Integer> REFUSALS = Set.of(NO_SUPPORT, INVALID_ARGUMENT, 27, 35, 29, 67, 88, 92, 84);

    private final int code;
    private final int domain;

    LibvirtFailure(int code, int domain, String message) {
        super(message);
        this.code = code;
        this.domain = domain;
    }

    /** What went wrong with the call that this thread just made. */
    static LibvirtFailure last() {
        LibvirtNative libvirt = LibvirtNative.libvirt();
        LibvirtFailure failure = new LibvirtFailure(
                libvirt.virGetLastErrorCode(), libvirt.virGetLastErrorDomain(), libvirt.virGetLastErrorMessage());
        libvirt.virResetLastError();
        return failure;
    }

    boolean is(int expected) {
        return code == expected;
    }

    /** The guest was asked to let go of the device before, or has just done so. */
    boolean alreadyUnplugging() {
        return code == DEVICE_MISSING || String.valueOf(getMessage()).contains("in the process of unplug");
    }

    int code() {
        return code;
    }

    /** The failure in plain words and with what a retry can do about it; libvirt's own words stay in the cause. */
    HypervisorException explained(String host, String task) {
        Reason reason = reason();
        String sentence =
                switch (reason) {
                    case UNREACHABLE ->
                        "Host " + host + " stopped answering while it was to " + task
                                + ". This is tried again when it is back.";
                    case NO_RESOURCES ->
                        "Host " + host + " has too little memory or space left to " + task
                                + ". Free some, or wait; this is tried again.";
                    case MISSING ->
                        "Host " + host + " could not " + task
                                + " because something it needs is not there, for example the image's file or the network."
                                + " Ask an admin to put it back, then retry.";
                    case REJECTED ->
                        "libvirt on host " + host + " refused to " + task
                                + ". Trying again won't help; an admin finds the details in the worker's log.";
                    case FAILED ->
                        "Host " + host + " failed to " + task + ". An admin finds the details in the worker's log.";
                };
        return new HypervisorException(reason, sentence, this);
    }

    private Reason reason() {
        String words = String.valueOf(getMessage()).toLowerCase(Locale.ROOT);
        if (code == RPC || domain == RPC_DOMAIN || words.contains("client socket is closed")) {
            return Reason.UNREACHABLE;
        }
        if (code == OUT_OF_MEMORY
                || words.contains("cannot allocate memory")
                || words.contains("no space left")
                || words.contains("quota exceeded")
                || words.contains("cannot set up guest memory")
                || words.contains("too many open files")) {
            return Reason.NO_RESOURCES;
        }
        if (code == NO_NETWORK || code == NO_POOL || code == NO_VOLUME || words.contains("no such file or directory")) {
            return Reason.MISSING;
        }
        return REFUSALS.contains(code) ? Reason.REJECTED : Reason.FAILED;
    }
}
