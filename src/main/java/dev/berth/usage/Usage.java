package dev.berth.usage;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What was used, for admins of all teams and for each team of its own. */
@ApplicationScoped
public class Usage {
    private static final int MOST_DAYS = 400;
    private static final int USUAL_DAYS = 30;
    private static final double HOUR = 3_600;
    private static final double MIB = 1_024;
    private static final BigDecimal MOST = new BigDecimal(1_000_000);
    private static final int MOST_DIGITS = 8;

    private final EntityManager em;
    private final Quotas quotas;
    private final Audit audit;
    private final Clock clock;

    Usage(EntityManager em, Quotas quotas, Audit audit, Clock clock) {
        this.em = em;
        this.quotas = quotas;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * @param tenant whose, or null for all, which admins alone see
     * @param from the first day (UTC), or empty for the last 30
     * @param to the last day, or empty for today
     */
    @Transactional
    public Report report(Caller caller, Tenant tenant, String from, String to, Report.By by) {
        require(caller, tenant);
        LocalDate last = day("to", to, today());
        LocalDate first = day("from", from, last.minusDays(USUAL_DAYS - 1));
        new Checks()
                .require("from", !first.isAfter(last), "Choose a day that is not after the last one.")
                .require(
                        "from",
                        first.plusDays(MOST_DAYS).isAfter(last),
                        "Choose at most " + MOST_DAYS + " days at once.")
                .throwIfAny();
        List<Report.Row> rows = rows(tenant, first, last, by);
        Map<String, Amount> totals = new TreeMap<>();
        Map<LocalDate, Amount> days = new TreeMap<>();
        for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
            days.put(day, Amount.NONE);
        }
        Amount total = Amount.NONE;
        for (Report.Row row : rows) {
            totals.merge(row.name(), row.amount(), Amount::plus);
            days.merge(row.day(), row.amount(), Amount::plus);
            total = total.plus(row.amount());
        }
        return new Report(first, last, by, rows, totals, days, total);
    }

    private List<Report.Row> rows(Tenant tenant, LocalDate first, LocalDate last, Report.By by) {
        // The column is a constant of ours.
        String sql =
                """
                select cast(day as text), %1$s, sum(vcpu_seconds), sum(memory_mib_seconds), sum(disk_gib_seconds)
                  from usage_day where day between cast(:first as date) and cast(:last as date) %2$s group by day, %1$s order by day, %1$s"""
                        .formatted(by.column(), tenant == null ? "" : "and tenant_id = :tenant");
        var query = em.createNativeQuery(sql, Object[].class)
                .setParameter("first", first)
                .setParameter("last", last);
        if (tenant != null) {
            query.setParameter("tenant", tenant.id());
        }
        List<Report.Row> rows = new ArrayList<>();
        for (Object found : query.getResultList()) {
            Object[] row = (Object[]) found;
            rows.add(new Report.Row(
                    LocalDate.parse((String) row[0]),
                    (String) row[1],
                    new Amount(number(row[2]) / HOUR, number(row[3]) / HOUR / MIB, number(row[4]) / HOUR)));
        }
        return rows;
    }

    /** When the team meets each of its limits, as far as the last 30 days tell. */
    @Transactional
    public List<Forecast> forecasts(Caller caller, Tenant tenant) {
        require(caller, tenant);
        LocalDate today = today();
        Map<String, Map<LocalDate, Long>> history = new HashMap<>();
        List<?> rows = em.createNativeQuery(
                        """
                        select line, cast(day as text), used from usage_quota_day
                         where tenant_id = :tenant and day > cast(:since as date) and day <= cast(:today as date)""",
                        Object[].class)
                .setParameter("tenant", tenant.id())
                .setParameter("since", today.minusDays(Forecast.DAYS))
                .setParameter("today", today)
                .getResultList();
        for (Object found : rows) {
            Object[] row = (Object[]) found;
            history.computeIfAbsent((String) row[0], line -> new HashMap<>())
                    .put(LocalDate.parse((String) row[1]), ((Number) row[2]).longValue());
        }
        return quotas.usage(tenant.id()).stream()
                .map(use -> Forecast.of(use, history.getOrDefault(use.line().key(), Map.of()), today))
                .toList();
    }

    /** The price list, if there is one. */
    @Transactional
    public Optional<Prices> prices() {
        List<?> rows = em.createNativeQuery(
                        "select currency, vcpu_hour, memory_gib_hour, disk_gib_hour from usage_price", Object[].class)
                .getResultList();
        return rows.stream()
                .map(Object[].class::cast)
                .findFirst()
                .map(row -> new Prices((String) row[0], (BigDecimal) row[1], (BigDecimal) row[2], (BigDecimal) row[3]));
    }

    /** Sets the price list, which holds for all days that are shown; for admins. @param prices null for none */
    @Transactional
    public void setPrices(Caller caller, Prices prices) {
        caller.requireAdmin();
        Map<String, Object> before = prices().map(Usage::fields).orElse(Map.of());
        if (prices == null) {
            em.createNativeQuery("delete from usage_price").executeUpdate();
        } else {
            Checks checks = new Checks().line("currency", prices.currency(), 10);
            price(checks, "vcpuHour", prices.vcpuHour());
            price(checks, "memoryGibHour", prices.memoryGibHour());
            price(checks, "diskGibHour", prices.diskGibHour());
            checks.throwIfAny();
            em.createNativeQuery(
                            """
                            insert into usage_price (currency, vcpu_hour, memory_gib_hour, disk_gib_hour)
                            values (:currency, :vcpu, :memory, :disk)
                            on conflict (only_one) do update set currency = excluded.currency,
                                vcpu_hour = excluded.vcpu_hour, memory_gib_hour = excluded.memory_gib_hour,
                                disk_gib_hour = excluded.disk_gib_hour""")
                    .setParameter("currency", prices.currency())
                    .setParameter("vcpu", prices.vcpuHour())
                    .setParameter("memory", prices.memoryGibHour())
                    .setParameter("disk", prices.diskGibHour())
                    .executeUpdate();
        }
        audit.record(
                caller,
                "prices.set",
                Audit.Subject.global("prices", "prices", "prices"),
                Audit.change(before, prices == null ? Map.of() : fields(prices)));
    }

    private static void price(Checks checks, String field, BigDecimal price) {
        checks.require(
                field,
                price != null
                        && price.signum() >= 0
                        && price.compareTo(MOST) <= 0
                        && price.scale() <= MOST_DIGITS
                        && price.scale() >= -MOST_DIGITS,
                "Write a number such as 0.012, of 0 or more.");
    }

    private static Map<String, Object> fields(Prices prices) {
        return Map.of(
                "currency", prices.currency(),
                "vcpuHour", prices.vcpuHour().stripTrailingZeros().toPlainString(),
                "memoryGibHour", prices.memoryGibHour().stripTrailingZeros().toPlainString(),
                "diskGibHour", prices.diskGibHour().stripTrailingZeros().toPlainString());
    }

    private static void require(Caller caller, Tenant tenant) {
        if (tenant == null) {
            caller.requireSeesAll();
        } else if (!caller.sees(tenant.id())) {
            throw ProblemException.notFound("tenant");
        }
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private static LocalDate day(String field, String text, LocalDate otherwise) {
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        try {
            return LocalDate.parse(text.strip());
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid(field, "Write a day as 2026-11-30.");
        }
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }
}
