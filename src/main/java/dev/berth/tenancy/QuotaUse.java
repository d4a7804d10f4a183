package dev.berth.tenancy;

/**
 * A tenant's standing with one resource.
 *
 * @param used held in all, open requests included
 * @param pending the part of it that open requests hold
 */
public record QuotaUse(Resource resource, long limit, long used, long pending) {
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
        return resource.label();
    }

    /** {@code 3 of 10}, {@code 2 GiB of 16 GiB}. */
    public String words() {
        return resource.amount(used) + " of " + resource.amount(limit);
    }

    /** Amber from three quarters, red over: {@code ok}, {@code tight}, {@code over}. */
    public String level(long afterwards) {
        if (afterwards > limit) {
            return "over";
        }
        return afterwards * 4 >= limit * 3 ? "tight" : "ok";
    }
}
