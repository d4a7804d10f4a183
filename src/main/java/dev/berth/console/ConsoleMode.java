package dev.berth.console;

import dev.berth.common.ProblemException;

/** What a console is opened for. */
public enum ConsoleMode {
    /** See the screen and type. */
    CONTROL,
    /** See the screen; whatever the browser sends, nothing is typed. */
    VIEW,
    /** Like {@link #CONTROL}, and everybody else's control ends. */
    TAKE_OVER;

    /**
     * @param key as in addresses, or null for the usual
     * @throws ProblemException invalid when there is no such mode
     */
    static ConsoleMode of(String key) {
        if (key == null) {
            return CONTROL;
        }
        return switch (key) {
            case "control" -> CONTROL;
            case "view" -> VIEW;
            case "take-over" -> TAKE_OVER;
            default -> throw ProblemException.invalid("mode", "Choose control, view or take-over.");
        };
    }
}
