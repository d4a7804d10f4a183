package dev.berth.api;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import dev.berth.usage.Amount;
import dev.berth.usage.Forecast;
import dev.berth.usage.Prices;
import dev.berth.usage.Report;
import dev.berth.usage.Usage;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** What was used, and what it costs. */
@Path(ApiPaths.V1 + "/usage")
@Tag(name = "Usage")
public class UsageResource {
    /**
     * What one tenant, user or template used on one day.
     *
     * @param name empty for disks that are kept by themselves
     */
    public record UsageRow(
            LocalDate day, String name, double vcpuHours, double memoryGibHours, double diskGibHours, BigDecimal cost) {
        static UsageRow of(Report.Row row, Prices prices) {
            Amount amount = row.amount();
            return new UsageRow(
                    row.day(),
                    row.name(),
                    amount.vcpuHours(),
                    amount.memoryGibHours(),
                    amount.diskGibHours(),
                    prices == null ? null : prices.cost(amount));
        }
    }

    /** When a limit will be met if it goes on as in the last 30 days. */
    public record LimitForecast(
            @Schema(examples = "memory_mib") String line,
            long used,
            long limit,
            @Schema(nullable = true, description = "Null for not foreseeable.") LocalDate day,
            String words) {
        static LimitForecast of(Forecast forecast) {
            return new LimitForecast(
                    forecast.use().line().key(),
                    forecast.use().used(),
                    forecast.use().limit(),
                    forecast.day(),
                    forecast.words());
        }
    }

    /**
     * What was used in a stretch of days.
     *
     * @param currency of the costs; null without a price list
     * @param forecasts of one tenant's limits; empty for all tenants
     */
    @Schema(name = "Usage")
    public record UsageView(
            LocalDate from,
            LocalDate to,
            Report.By by,
            String currency,
            List<UsageRow> items,
            List<LimitForecast> forecasts) {}

    /** What an hour of each costs. */
    public record PriceList(
            @Schema(required = true, examples = "EUR") String currency,
            @Schema(required = true, examples = "0.012") BigDecimal vcpuHour,
            @Schema(required = true, examples = "0.004") BigDecimal memoryGibHour,
            @Schema(required = true, examples = "0.0001") BigDecimal diskGibHour) {
        static PriceList of(Prices prices) {
            return new PriceList(prices.currency(), prices.vcpuHour(), prices.memoryGibHour(), prices.diskGibHour());
        }
    }

    private final Callers callers;
    private final Tenants tenants;
    private final Usage usage;

    UsageResource(Callers callers, Tenants tenants, Usage usage) {
        this.callers = callers;
        this.tenants = tenants;
        this.usage = usage;
    }

    @GET
    @Operation(
            summary = "Show usage",
            description =
                    "By day (UTC), in hours of a vCPU, of a GiB of memory and of a GiB of disk. Of all tenants for"
                            + " admins; of one for its members.")
    public UsageView usage(
            @Parameter(description = "The tenant's short name; without, all tenants.") @QueryParam("tenant")
                    String slug,
            @Parameter(description = "The first day, `2026-11-01`; without, 30 days.") @QueryParam("from") String from,
            @Parameter(description = "The last day; without, today.") @QueryParam("to") String to,
            @Parameter(description = "`tenant`, `user` or `template`; without, tenant for all and user for one.")
                    @QueryParam("by")
                    String by) {
        Caller caller = callers.current();
        Tenant tenant = slug == null || slug.isEmpty() ? null : tenants.get(caller, slug);
        Report.By chosen = Answers.word(Report.By.class, "by", by);
        if (chosen == null) {
            chosen = tenant == null ? Report.By.TENANT : Report.By.USER;
        }
        Report report = usage.report(caller, tenant, from, to, chosen);
        Prices prices = usage.prices().orElse(null);
        return new UsageView(
                report.from(),
                report.to(),
                report.by(),
                prices == null ? null : prices.currency(),
                report.rows().stream().map(row -> UsageRow.of(row, prices)).toList(),
                tenant == null
                        ? List.of()
                        : usage.forecasts(caller, tenant).stream()
                                .map(LimitForecast::of)
                                .toList());
    }

    @GET
    @Path("/prices")
    @Operation(summary = "Show the price list", description = "Not found when there is none.")
    public PriceList prices() {
        callers.current();
        return usage.prices().map(PriceList::of).orElseThrow(() -> ProblemException.notFound("price list"));
    }

    @PUT
    @Path("/prices")
    @Idempotent
    @Operation(summary = "Set the price list", description = "For admins. It holds for all days, past ones too.")
    public RestResponse<PriceList> setPrices(PriceList prices) {
        PriceList body = Answers.body(prices);
        Prices wanted = new Prices(body.currency(), body.vcpuHour(), body.memoryGibHour(), body.diskGibHour());
        usage.setPrices(callers.current(), wanted);
        return RestResponse.ok(PriceList.of(wanted));
    }

    @DELETE
    @Path("/prices")
    @Idempotent
    @APIResponse(responseCode = "204", description = "There are no prices any more.")
    @Operation(summary = "Take the price list away", description = "For admins.")
    public RestResponse<Void> deletePrices() {
        usage.setPrices(callers.current(), null);
        return RestResponse.noContent();
    }
}
