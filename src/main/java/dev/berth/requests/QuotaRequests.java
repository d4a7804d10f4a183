package dev.berth.requests;

import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Grants;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Asking for more of a quota, for good or until a date, and giving it. */
@ApplicationScoped
public class QuotaRequests implements RequestKind<QuotaRequestEntity> {
    public static final long MOST = 1_000_000_000;

    private static final String AS_ASKED = "as-asked";
    private static final List<Integer> SHORTER_DAYS = List.of(7, 30, 90, 180);

    /**
     * What is asked for.
     *
     * @param resource the line's resource: {@code disk_gib}
     * @param profile the profile's short name where the line is about one, else empty
     * @param until null for good
     */
    public record More(String resource, String profile, long more, Instant until, String reason) {}

    private final RequestRepository requests;
    private final Tenants tenants;
    private final Quotas quotas;
    private final Grants grants;
    private final Policies policies;
    private final Approvals approvals;
    private final Clock clock;

    QuotaRequests(
            RequestRepository requests,
            Tenants tenants,
            Quotas quotas,
            Grants grants,
            Policies policies,
            Approvals approvals,
            Clock clock) {
        this.requests = requests;
        this.tenants = tenants;
        this.quotas = quotas;
        this.grants = grants;
        this.policies = policies;
        this.approvals = approvals;
        this.clock = clock;
    }

    /** @param formToken made when the form was shown: the same one sent twice makes one request. Null for no such guard */
    @Transactional
    public Request create(Caller caller, String tenantSlug, More ask, UUID formToken) {
        Tenant tenant = tenants.get(caller, tenantSlug);
        Optional<Request> before = requests.sentBefore(caller, formToken);
        if (before.isPresent()) {
            return before.get();
        }
        Optional<QuotaUse> use = quotas.usage(tenant.id()).stream()
                .filter(each -> each.resource().key().equals(ask.resource())
                        && each.line().profile().equals(ask.profile()))
                .findFirst();
        Checks checks = new Checks()
                .require("resource", use.isPresent(), "Choose one of the limits that the team has.")
                .range("more", ask.more(), 1, MOST, "more")
                .text("reason", ask.reason(), Ask.MAX_REASON)
                .require("reason", !ask.reason().isBlank(), "Say what it is for: whoever decides reads it.");
        grants.check(checks, "until", ask.until()).throwIfAny();
        QuotaLine line = use.orElseThrow().line();
        QuotaRequestEntity request = new QuotaRequestEntity();
        request.asked(caller, tenant.id(), tenant.slug(), line.label(), clock.instant());
        request.resource = line.resource().key();
        request.profile = line.profile();
        request.profileId = line.profileId();
        request.before = use.get().limit();
        request.more = ask.more();
        request.until = ask.until();
        request.reason = ask.reason();
        request.whyApproval = "a higher limit";
        request.formToken = formToken;
        // Limits are an admin's to raise; a rule can ask for an owner's yes before that.
        Verdict verdict = policies.verdict(caller, tenant.id(), null, Request.Kind.QUOTA, PolicyFacts.NONE);
        request.needs = verdict.needs() == Deciders.BOTH ? Deciders.BOTH : Deciders.ADMIN;
        request.endorsedBy = verdict.endorsedBy();
        approvals.open(
                caller,
                request,
                Map.of("quota", line.label(), "more", ask.more(), "until", String.valueOf(ask.until())),
                false);
        return request.toRequest();
    }

    @Override
    public Class<QuotaRequestEntity> entity() {
        return QuotaRequestEntity.class;
    }

    @Override
    public void grant(Caller decider, QuotaRequestEntity request) {
        // Whoever accepts an admin's offer is none.
        Caller caller = decider.admin() ? decider : Caller.system("offer");
        Tenant tenant = tenants.get(caller, request.tenantSlug);
        if (request.until == null) {
            grants.raise(caller, tenant, request.line(), request.more);
            return;
        }
        if (!request.until.isAfter(clock.instant())) {
            throw ProblemException.conflict(
                    "too-late", "The time that it was asked for is over. Deny the request and say so.");
        }
        grants.add(caller, tenant, request.line(), request.more, request.until);
    }

    @Override
    public List<Request.Part> parts(QuotaRequestEntity request) {
        List<Request.Option> ends = new ArrayList<>(List.of(new Request.Option(AS_ASKED, request.end())));
        Instant now = clock.instant();
        SHORTER_DAYS.stream()
                .filter(days ->
                        request.until == null || now.plus(Duration.ofDays(days)).isBefore(request.until))
                .forEach(days -> ends.add(new Request.Option(Integer.toString(days), "for " + days + " days")));
        return List.of(
                new Request.Part("more", "More", Long.toString(request.more), List.of()),
                new Request.Part("until", "How long", AS_ASKED, ends));
    }

    @Override
    public void change(QuotaRequestEntity request, Map<String, String> values) {
        long more = RequestKind.number(values.getOrDefault("more", Long.toString(request.more)));
        String until = values.getOrDefault("until", AS_ASKED);
        new Checks()
                .range("more", more, 1, request.more, "more")
                .require(
                        "until",
                        parts(request).get(1).options().stream()
                                .anyMatch(option -> option.value().equals(until)),
                        "Choose one of the ends.")
                .throwIfAny();
        request.more = more;
        if (!until.equals(AS_ASKED)) {
            request.until = clock.instant().plus(Duration.ofDays(Integer.parseInt(until)));
        }
    }

    @Override
    public void drop(QuotaRequestEntity request) {
        // An open request for more holds nothing.
    }
}
