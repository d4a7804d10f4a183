package dev.berth.tenancy;

/**
 * A tenant's standing with one line of its quota, or one member's with its share of it.
 *
 * @param used held in all, open requests included
 * @param pending the part of it that open requests hold
 * @param personal whether it is about a member's share
 */
public record QuotaUse(QuotaLine line, long limit, long used, long pending, boolean personal) {
    /** As it would be if an open request did not hold this much. */
    public QuotaUse without(long amount) {
        return new QuotaUse(line, limit, used - amount, pending - amount, personal);
    }

    public Resource resource() {
        return line.resource();
    }

    /** What tells it from the others on a page. */
    public String key() {
        return line.key().replace(':', '-') + (personal ? "-mine" : "");
    }

    public long free() {
        return Math.max(0, limit - used);
    }

    /** Held by machines that exist. */
    public long settled() {
        return used - pending;
    }

    /** Share of the limit in whole percent, at most 100, for the bar. */
    public int percent(long amount) {
        if (limit == 0) {
            return amount > 0 ? 100 : 0;
        }
        return (int) Math.min(100, amount * 100 / limit);
    }

    public String label() {
        return personal ? "your share of " + line.label() : line.label();
    }

    /** {@code 3 of 10}, {@code 2 GiB of 16 GiB}. */
    public String words() {
        return line.amount(used) + " of " + line.amount(limit);
    }

    /** Amber from three quarters, red over: {@code ok}, {@code tight}, {@code over}. */
    public String level(long afterwards) {
        if (afterwards > limit) {
            return "over";
        }
        return afterwards * 4 >= limit * 3 ? "tight" : "ok";
    }
}
