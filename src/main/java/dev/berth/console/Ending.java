package dev.berth.console;

import java.util.Locale;

/**
 * How a console session ends, or why it never began. Browsers can't read the answer to a refused upgrade, so each has
 * a WebSocket close code of the private range (RFC 6455, 7.4.2) and a sentence for programs; the page has its own words.
 */
enum Ending {
    CLOSED(1000, "Closed."),
    TICKET(4001, "This ticket has expired or was used. Ask for a new one."),
    DENIED(4003, "You may not see this machine's console."),
    OFF(4004, "The machine is off."),
    UNREACHABLE(4010, "The machine's host does not answer right now."),
    STOPPING(4011, "This part of Berth is being restarted. Connect again."),
    LOST(4012, "The connection to the machine's screen was lost."),
    BUSY(4013, "Too many consoles are open right now. Try again later."),
    USER_FULL(4014, "You have too many consoles open. Close one, or take over."),
    MACHINE_FULL(4015, "Too many consoles of this machine are open. Take over, or ask somebody to close theirs."),
    TAKEN(4016, "Somebody else took over."),
    NOT_VNC(4017, "A console that only views understands fewer messages than were sent."),
    NOT_BINARY(1003, "Only binary frames are understood here.");

    private final int code;
    private final String reason;

    Ending(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    int code() {
        return code;
    }

    String reason() {
        return reason;
    }

    /** For metrics and logs. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
