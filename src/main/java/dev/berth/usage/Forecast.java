package dev.berth.usage;

import dev.berth.tenancy.QuotaUse;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/**
 * When a limit will be met if it goes on as in the last days: the straight line that fits them best.
 *
 * @param day when, or null for not foreseeable
 */
public record Forecast(QuotaUse use, LocalDate day, String words) {
    static final int DAYS = 30;
    /** Fewer say nothing. */
    private static final int FEWEST = 3;
    /** Farther than this is not at all. */
    private static final int FARTHEST = 365;

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ENGLISH);

    /** @param history what was used, by day */
    static Forecast of(QuotaUse use, Map<LocalDate, Long> history, LocalDate today) {
        if (use.used() >= use.limit()) {
            return new Forecast(use, today, "Met already.");
        }
        if (history.size() < FEWEST) {
            return new Forecast(use, null, "Not known yet: it takes some days to see where it goes.");
        }
        double slope = slope(history, today);
        double left = slope > 0 ? Math.ceil((use.limit() - use.used()) / slope) : Double.POSITIVE_INFINITY;
        if (left > FARTHEST) {
            return new Forecast(use, null, "Not at this rate.");
        }
        LocalDate day = today.plusDays((long) left);
        return new Forecast(
                use,
                day,
                "In about %d %s, on %s, at this rate."
                        .formatted((long) left, left == 1 ? "day" : "days", DATE.format(day)));
    }

    /** Least squares: how much more a day. */
    private static double slope(Map<LocalDate, Long> history, LocalDate today) {
        double meanDay = history.keySet().stream()
                .mapToDouble(day -> day.toEpochDay() - today.toEpochDay())
                .average()
                .orElse(0);
        double meanUsed = history.values().stream()
                .mapToDouble(Long::doubleValue)
                .average()
                .orElse(0);
        double up = 0;
        double across = 0;
        for (Map.Entry<LocalDate, Long> entry : history.entrySet()) {
            double x = entry.getKey().toEpochDay() - today.toEpochDay() - meanDay;
            up += x * (entry.getValue() - meanUsed);
            across += x * x;
        }
        return across == 0 ? 0 : up / across;
    }
}
