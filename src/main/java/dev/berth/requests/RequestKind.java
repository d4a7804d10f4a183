package dev.berth.requests;

import dev.berth.security.Caller;
import java.util.List;
import java.util.Map;

/**
 * Brings about what one kind of request asks for: a CDI bean for each. All is done in the transaction of the decision,
 * with the request's row locked.
 */
interface RequestKind<E extends RequestEntity> {
    Class<E> entity();

    /**
     * Does what was asked for. What stands in the way now is refused, and the request stays open.
     *
     * @param caller who said yes, or the system when a policy let it pass
     * @throws dev.berth.common.ProblemException with a sentence for whoever decides
     */
    void grant(Caller caller, E request);

    /** What a decider can offer otherwise; nothing, unless a kind says so. */
    default List<Request.Part> parts(E request) {
        return List.of();
    }

    /**
     * Makes the request ask for something else, and hold what that takes.
     *
     * @param values by the name of the part; what is not named stays
     * @throws dev.berth.common.ProblemException with a sentence for each value that can't be
     */
    default void change(E request, Map<String, String> values) {
        throw new UnsupportedOperationException("has no parts");
    }

    /** A part's whole number; -1 for what is none, which no part can be. */
    static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Gives back what the open request held; harmless when it held nothing. */
    void drop(E request);
}
