package dev.berth.web;

import dev.berth.common.Csv;
import dev.berth.common.ProblemException;
import dev.berth.tenancy.Tenant;
import dev.berth.usage.Amount;
import dev.berth.usage.Forecast;
import dev.berth.usage.Prices;
import dev.berth.usage.Report;
import dev.berth.usage.Usage;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The pages of usage, of all teams or of one. */
@RequestScoped
public class UsageViews {
    /** A line of a table: a name or a day with its figures. */
    public record Line(String name, String vcpu, String memory, String disk, String cost) {
        static Line of(String name, Amount amount, Prices prices) {
            return new Line(
                    name.isEmpty() ? "Disks kept by themselves" : name,
                    UsageChart.figure(amount.vcpuHours()),
                    UsageChart.figure(amount.memoryGibHours()),
                    UsageChart.figure(amount.diskGibHours()),
                    prices == null ? "" : prices.cost(amount) + " " + prices.currency());
        }
    }

    /** What the page shows. */
    public record Sheet(
            String base,
            String team,
            String by,
            List<Choice> choices,
            List<Line> names,
            List<Line> days,
            Line total,
            List<UsageChart> charts,
            List<Forecast> forecasts,
            boolean priced,
            String parameters) {}

    /** What the figures can be split by. */
    public record Choice(String key, String label) {}

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance usage(Sheet sheet, Form form);
    }

    private final Chrome chrome;
    private final Usage usage;

    UsageViews(Chrome chrome, Usage usage) {
        this.chrome = chrome;
        this.usage = usage;
    }

    Response page(Tenant tenant, UriInfo uri) {
        Form form = Form.of(uri.getQueryParameters());
        Report.By by = by(tenant, form);
        Report report;
        try {
            report = usage.report(chrome.caller(), tenant, form.value("from"), form.value("to"), by);
        } catch (ProblemException e) {
            form.refuse(e);
            report = usage.report(chrome.caller(), tenant, "", "", by);
        }
        if (!form.refused()) {
            form.with("from", report.from()).with("to", report.to());
        }
        return Html.page(form.status(), Templates.usage(sheet(tenant, report), form));
    }

    private Sheet sheet(Tenant tenant, Report report) {
        Prices prices = usage.prices().orElse(null);
        return new Sheet(
                tenant == null ? "/admin/usage" : "/t/" + tenant.slug() + "/usage",
                tenant == null ? "" : tenant.name(),
                key(report.by()),
                Arrays.stream(Report.By.values())
                        .filter(choice -> tenant == null || choice != Report.By.TENANT)
                        .map(choice -> new Choice(key(choice), label(choice)))
                        .toList(),
                report.totals().entrySet().stream()
                        .map(entry -> Line.of(entry.getKey(), entry.getValue(), prices))
                        .toList(),
                report.days().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
                        .map(entry -> Line.of(entry.getKey().toString(), entry.getValue(), prices))
                        .toList(),
                Line.of("In all", report.total(), prices),
                UsageChart.of(report),
                tenant == null ? List.of() : usage.forecasts(chrome.caller(), tenant),
                prices != null,
                "by=" + key(report.by()) + "&from=" + report.from() + "&to=" + report.to());
    }

    Response csv(Tenant tenant, UriInfo uri) {
        Form form = Form.of(uri.getQueryParameters());
        Report report = usage.report(chrome.caller(), tenant, form.value("from"), form.value("to"), by(tenant, form));
        Prices prices = usage.prices().orElse(null);
        StringBuilder table = new StringBuilder(Csv.line(
                "day", key(report.by()), "vcpu hours", "memory GiB hours", "disk GiB hours", "cost", "currency"));
        report.rows()
                .forEach(row -> table.append(Csv.line(
                        row.day().toString(),
                        row.name(),
                        exact(row.amount().vcpuHours()),
                        exact(row.amount().memoryGibHours()),
                        exact(row.amount().diskGibHours()),
                        prices == null ? "" : prices.cost(row.amount()).toPlainString(),
                        prices == null ? "" : prices.currency())));
        return Response.ok(table.toString(), "text/csv;charset=UTF-8")
                .header("Content-Disposition", "attachment; filename=\"berth-usage.csv\"")
                .header("Cache-Control", "no-store")
                .build();
    }

    private static Report.By by(Tenant tenant, Form form) {
        return Arrays.stream(Report.By.values())
                .filter(choice -> key(choice).equals(form.value("by")))
                .filter(choice -> tenant == null || choice != Report.By.TENANT)
                .findFirst()
                .orElse(tenant == null ? Report.By.TENANT : Report.By.USER);
    }

    private static String key(Report.By by) {
        return by == Report.By.TENANT ? "team" : by.name().toLowerCase(Locale.ROOT);
    }

    private static String label(Report.By by) {
        return switch (by) {
            case TENANT -> "Team";
            case USER -> "User";
            case TEMPLATE -> "Template";
        };
    }

    private static String exact(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
