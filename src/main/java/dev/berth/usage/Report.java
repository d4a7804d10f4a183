package dev.berth.usage;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * What was used in a stretch of days.
 *
 * @param rows by day, then by name
 * @param totals of each name
 * @param days of each day, also of those on which nothing was used
 */
public record Report(
        LocalDate from,
        LocalDate to,
        By by,
        List<Row> rows,
        Map<String, Amount> totals,
        Map<LocalDate, Amount> days,
        Amount total) {
    /** What it is split by. */
    public enum By {
        TENANT("tenant_slug"),
        USER("owner_name"),
        TEMPLATE("template_name");

        private final String column;

        By(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }
    }

    /** What one tenant, user or template used on one day. @param name empty for disks that are kept by themselves */
    public record Row(LocalDate day, String name, Amount amount) {}
}
