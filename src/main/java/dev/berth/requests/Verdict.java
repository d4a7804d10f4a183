package dev.berth.requests;

import java.util.List;

/**
 * Who has to say yes to an ask, and why.
 *
 * @param passes nobody has to
 * @param needs whose yes is missing; without meaning when it passes
 * @param endorsedBy the requester, where the ask of an owner counts as an owner's yes; or null
 * @param why what goes beyond the policy, each a part of a sentence
 * @param rule the rule that says so, in words
 */
public record Verdict(boolean passes, Deciders needs, String endorsedBy, List<String> why, String rule) {
    public String because() {
        return String.join(", ", why);
    }

    /**
     * The last line of a form: {@code Starts at once.} or whose yes it needs and why.
     *
     * @param owners the names of the team's owners
     */
    public String words(List<String> owners) {
        if (passes) {
            return "Starts at once.";
        }
        String named = owners.isEmpty() ? "an owner's" : "an owner's (" + String.join(" or ", owners) + ")";
        String whose =
                switch (needs) {
                    case OWNER -> named + " or an admin's yes";
                    case ADMIN -> "an admin's yes";
                    case BOTH -> named + " and then an admin's yes";
                };
        return "Needs " + whose + ", because it asks for " + because() + ".";
    }

    /** Writes itself into a request that is about to be opened. */
    void applyTo(RequestEntity request) {
        request.needs = needs;
        request.endorsedBy = endorsedBy;
        request.whyApproval = passes ? "" : because();
    }
}
