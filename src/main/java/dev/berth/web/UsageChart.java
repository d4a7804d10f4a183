package dev.berth.web;

import dev.berth.usage.Amount;
import dev.berth.usage.Report;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * One bar a day, made on the server. The figures are in the page's table as well: the picture alone is never all there is.
 *
 * @param summary what the picture shows, in words
 * @param top the figure at its upper edge
 */
public record UsageChart(String key, String title, String summary, String top, List<Bar> bars) {
    static final double WIDTH = 600;
    static final double HEIGHT = 120;

    /** One day, in the units of the picture. */
    public record Bar(String x, String y, String width, String height, String label) {}

    static List<UsageChart> of(Report report) {
        return List.of(
                of("vcpu", "vCPU hours a day", report, Amount::vcpuHours),
                of("memory", "GiB hours of memory a day", report, Amount::memoryGibHours),
                of("disk", "GiB hours of disk a day", report, Amount::diskGibHours));
    }

    private static UsageChart of(String key, String title, Report report, ToDoubleFunction<Amount> value) {
        double most = report.days().values().stream().mapToDouble(value).max().orElse(0);
        double step = WIDTH / report.days().size();
        List<Bar> bars = new ArrayList<>();
        LocalDate mostOn = report.from();
        int at = 0;
        for (Map.Entry<LocalDate, Amount> day : report.days().entrySet()) {
            double amount = value.applyAsDouble(day.getValue());
            double height = most == 0 ? 0 : amount / most * HEIGHT;
            if (amount == most) {
                mostOn = day.getKey();
            }
            bars.add(new Bar(
                    number(at * step + step * 0.1),
                    number(HEIGHT - height),
                    number(step * 0.8),
                    number(height),
                    day.getKey() + ": " + figure(amount)));
            at++;
        }
        String summary = most == 0
                ? "Nothing from %s to %s.".formatted(report.from(), report.to())
                : "%s in all from %s to %s; the most, %s, on %s."
                        .formatted(
                                figure(value.applyAsDouble(report.total())),
                                report.from(),
                                report.to(),
                                figure(most),
                                mostOn);
        return new UsageChart(key, title, summary, figure(most), bars);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** {@code 1,234.5}. */
    static String figure(double value) {
        return String.format(Locale.ROOT, "%,.1f", value);
    }
}
