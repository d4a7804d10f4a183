package dev.berth.requests;

import dev.berth.tenancy.QuotaUse;
import java.util.List;
import java.util.Map;

/**
 * What would come of an ask if it were sent now.
 *
 * @param problems sentences by field; empty when it can be sent
 * @param bars the tenant's quota with this ask on top
 * @param passes whether it starts without anybody's yes
 * @param verdict the form's last line, in words
 * @param rule what passes by itself and who decides on the rest, in words
 */
public record Preview(Map<String, String> problems, List<Bar> bars, boolean passes, String verdict, String rule) {
    /** One resource: its standing and what this ask adds. */
    public record Bar(QuotaUse use, long wanted) {
        public long after() {
            return use.used() + wanted;
        }

        public String level() {
            return use.level(after());
        }

        /** {@code 3 of 10 after this}. */
        public String words() {
            return use.line().amount(after()) + " of " + use.line().amount(use.limit()) + " after this";
        }

        public boolean over() {
            return after() > use.limit();
        }
    }
}
