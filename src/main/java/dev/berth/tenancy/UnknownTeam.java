package dev.berth.tenancy;

import java.time.Instant;
import java.util.List;

/**
 * A group at the identity provider that is for a team which is not there: somebody has to make it, or the group is a
 * mistake.
 *
 * @param slug the team's short name, as the group has it
 * @param usernames some of the people who are in it
 * @param people how many there are
 * @param seenAt when one of them was last found in it anew
 */
public record UnknownTeam(String slug, List<String> usernames, long people, Instant seenAt) {
    public long others() {
        return people - usernames.size();
    }
}
