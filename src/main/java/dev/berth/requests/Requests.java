package dev.berth.requests;

import dev.berth.common.Cursor;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** What was asked for, whatever it is: lists and facts. */
@ApplicationScoped
public class Requests {
    private final RequestRepository requests;
    private final RequestKinds kinds;
    private final Quotas quotas;

    Requests(RequestRepository requests, RequestKinds kinds, Quotas quotas) {
        this.requests = requests;
        this.kinds = kinds;
        this.quotas = quotas;
    }

    /** @param state null for any */
    @Transactional
    public Page<Request> list(Caller caller, UUID tenantId, RequestState state, int limit, String cursorText) {
        List<String> where = new ArrayList<>(List.of("1 = 1"));
        Map<String, Object> parameters = new HashMap<>();
        if (tenantId != null) {
            where.add("tenantId = :tenant");
            parameters.put("tenant", tenantId);
        }
        if (!caller.seesAll()) {
            where.add("tenantId in :tenants");
            parameters.put("tenants", caller.tenants().keySet());
        }
        if (state != null) {
            where.add("state = :state");
            parameters.put("state", state);
        }
        // Open ones wait in line, oldest first; a history is read from its end.
        return page(where, parameters, state == RequestState.PENDING, limit, cursorText);
    }

    /** The waiting requests that this person may answer, or looks at as one who sees all; those of the filter. */
    @Transactional
    public Page<Request> inbox(Caller caller, InboxFilter filter, int limit, String cursorText) {
        List<String> where = new ArrayList<>();
        Map<String, Object> parameters = new HashMap<>();
        waiting(caller, caller.seesAll(), where, parameters);
        if (filter.kind() != null) {
            where.add(kinds.entity(filter.kind())
                    .map(entity -> "id in (select k.id from " + entity.getSimpleName() + " k)")
                    .orElse("1 = 0"));
        }
        if (!filter.tenant().isEmpty()) {
            where.add("tenantSlug = :slug");
            parameters.put("slug", filter.tenant());
        }
        if (!filter.requester().isEmpty()) {
            where.add("requesterName = :requester");
            parameters.put("requester", filter.requester());
        }
        if (filter.assignee() != null) {
            where.add("assigneeId = :assignee");
            parameters.put("assignee", filter.assignee());
        }
        if (filter.before() != null) {
            where.add("createdAt < :before");
            parameters.put("before", filter.before());
        }
        return page(where, parameters, !filter.newestFirst(), limit, cursorText);
    }

    /** The teams that waiting requests of this person come from, and the people who asked, by name. */
    @Transactional
    public Map<String, Set<String>> senders(Caller caller) {
        List<String> where = new ArrayList<>();
        Map<String, Object> parameters = new HashMap<>();
        waiting(caller, caller.seesAll(), where, parameters);
        var query = requests.getEntityManager()
                .createQuery(
                        "select distinct tenantSlug, requesterName from RequestEntity where "
                                + String.join(" and ", where),
                        Object[].class);
        parameters.forEach(query::setParameter);
        Map<String, Set<String>> senders = new TreeMap<>();
        query.getResultList().forEach(row -> senders.computeIfAbsent((String) row[0], slug -> new TreeSet<>())
                .add((String) row[1]));
        return senders;
    }

    /** How many open requests wait for this person. */
    @Transactional
    public long waiting(Caller caller) {
        List<String> where = new ArrayList<>();
        Map<String, Object> parameters = new HashMap<>();
        waiting(caller, caller.admin(), where, parameters);
        return requests.count(String.join(" and ", where), parameters);
    }

    private static void waiting(Caller caller, boolean all, List<String> where, Map<String, Object> parameters) {
        where.add("state = :state");
        parameters.put("state", RequestState.PENDING);
        if (!all) {
            where.add("tenantId in :owned and needs <> :admin");
            parameters.put("owned", owned(caller));
            parameters.put("admin", Deciders.ADMIN);
        }
    }

    private static Set<UUID> owned(Caller caller) {
        return caller.tenants().entrySet().stream()
                .filter(entry -> entry.getValue() == TenantRole.OWNER)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private Page<Request> page(
            List<String> where, Map<String, Object> parameters, boolean inLine, int limit, String cursorText) {
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where.add("(createdAt %1$s :at or (createdAt = :at and id > :id))".formatted(inLine ? ">" : "<"));
            parameters.put("at", cursor.instant());
            parameters.put("id", cursor.uuid());
        }
        List<Request> rows = requests
                .find(
                        String.join(" and ", where) + " order by createdAt" + (inLine ? "" : " desc") + ", id",
                        parameters)
                .page(0, limit + 1)
                .stream()
                .map(RequestEntity::toRequest)
                .toList();
        return Page.of(
                rows,
                limit,
                request ->
                        new Cursor(request.createdAt().toString(), request.id().toString()));
    }

    @Transactional
    public Request get(Caller caller, UUID id) {
        return requests.visible(caller, id).toRequest();
    }

    /** The tenant's quota as an approver sees it: as it is, and without and with this request. */
    @Transactional
    public List<Preview.Bar> quotaOf(Caller caller, UUID id) {
        Request request = requests.visible(caller, id).toRequest();
        return bars(request, quotas.usage(request.tenantId()));
    }

    /** The same for each of several requests, by the request's id, without a query for each. */
    @Transactional
    public Map<UUID, List<Preview.Bar>> quotaOf(Caller caller, Collection<Request> several) {
        Set<UUID> tenantIds =
                several.stream().map(Request::tenantId).filter(caller::sees).collect(Collectors.toSet());
        Map<UUID, List<QuotaUse>> usage = quotas.usage(tenantIds);
        return several.stream()
                .collect(Collectors.toMap(
                        Request::id,
                        request -> bars(request, usage.getOrDefault(request.tenantId(), List.of())),
                        (one, same) -> one));
    }

    private static List<Preview.Bar> bars(Request request, List<QuotaUse> uses) {
        return uses.stream()
                .filter(use -> !use.resource().scoped())
                .map(use -> {
                    long amount = request.open() ? request.amount(use.resource()) : 0;
                    return new Preview.Bar(use.without(amount), amount);
                })
                .toList();
    }
}
