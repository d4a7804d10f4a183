package dev.berth.machines;

import dev.berth.common.SqlTimes;
import dev.berth.tenancy.LedgerSource;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.QuotaSettings;
import dev.berth.tenancy.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Machines and what belongs to them, as the ledger should have them. */
@ApplicationScoped
class MachineLedger implements LedgerSource {
    /** Holder, tenant, line, profile's name, least, most, whose, words. */
    private static final String FACTS =
            """
            select m.id, m.tenant_id, 'machines', '', 1, 1, m.owner_id, 'machine ' || m.name
              from machine m where m.gone_at is null
            union all
            select m.id, m.tenant_id, 'vcpus', '', case when %1$s and m.wanted = 'STOPPED' then 0 else m.vcpus end, m.vcpus,
                   m.owner_id, 'machine ' || m.name
              from machine m where m.gone_at is null
            union all
            select m.id, m.tenant_id, 'memory_mib', '',
                   case when %1$s and m.wanted = 'STOPPED' then 0 else m.memory_mib end, m.memory_mib, m.owner_id,
                   'machine ' || m.name
              from machine m where m.gone_at is null
            union all
            select case when d.target = 'vda' then d.machine_id else d.id end, d.tenant_id, l.line,
                   case when l.line = 'disk_gib' then '' else d.storage_slug end, d.size_gib, d.size_gib, m.owner_id,
                   'disk ' || d.name || coalesce(' of ' || m.name, '')
              from disk d left join machine m on m.id = d.machine_id
             cross join lateral (values ('disk_gib'), ('storage_gib:' || d.storage_profile_id)) as l (line)
             where d.size_gib > 0
            union all
            select v.id, v.tenant_id, 'disk_gib', '', 0, 2 * v.size_gib, null, 'the copy of a disk of ' || m.name
              from disk_move v join machine m on m.id = v.machine_id where v.pending or v.state = 'DONE'
            union all
            select v.id, v.tenant_id, 'storage_gib:' || s.id, s.slug, 0, v.size_gib, null,
                   'the copy of a disk of ' || m.name
              from disk_move v join machine m on m.id = v.machine_id join disk d on d.id = v.disk_id
              join storage_profile s on s.id = case when d.volume = v.to_volume then v.from_profile_id
                                                    else v.to_profile_id end
             where v.pending or v.state = 'DONE'
            union all
            select n.id, m.tenant_id, 'addresses:' || n.network_profile_id, n.network_slug, 1, 1, m.owner_id,
                   'a card of ' || m.name
              from nic n join machine m on m.id = n.machine_id where m.gone_at is null
            union all
            select s.id, s.tenant_id, 'snapshots', '', 1, 1, null, 'snapshot ' || s.name || ' of ' || m.name
              from snapshot s join machine m on m.id = s.machine_id
            union all
            select f.id, m.tenant_id, 'forwards', '', 1, 1, null, 'port ' || f.host_port || ' of ' || m.name
              from forward f join machine m on m.id = f.machine_id""";

    private final EntityManager em;
    private final QuotaSettings settings;

    MachineLedger(EntityManager em, QuotaSettings settings) {
        this.em = em;
        this.settings = settings;
    }

    @Override
    public List<Fact> facts(UUID tenantId) {
        List<Fact> facts = new ArrayList<>();
        for (Object[] row : rows(FACTS.formatted(settings.stoppedGiveBack()))) {
            if (tenantId == null || tenantId.equals(row[1])) {
                String[] parts = ((String) row[2]).split(":", 2);
                facts.add(new Fact(
                        (UUID) row[0],
                        (UUID) row[1],
                        new QuotaLine(
                                Resource.valueOf(parts[0].toUpperCase(java.util.Locale.ROOT)),
                                parts.length == 1 ? null : UUID.fromString(parts[1]),
                                (String) row[3]),
                        ((Number) row[4]).longValue(),
                        ((Number) row[5]).longValue(),
                        false,
                        (UUID) row[6],
                        (String) row[7]));
            }
        }
        return facts;
    }

    @Override
    public List<Missing> missing() {
        return rows(
                        """
                        select m.id, m.tenant_slug, m.host_name, m.name, m.failure, m.vcpus, m.memory_mib,
                               coalesce((select sum(d.size_gib) from disk d where d.machine_id = m.id), 0), m.operation_at,
                               '/t/' || m.tenant_slug || '/machines/' || m.id
                          from machine m where m.gone_at is null and m.failure_code in ('domain-missing', 'disk-missing')
                        union all
                        select null, d.tenant_slug, d.host_name, d.name, d.note, 0, 0, d.size_gib, null,
                               '/t/' || d.tenant_slug || '/disks'
                          from disk d where d.machine_id is null and d.note like 'The disk was removed on its host%'
                         order by 2, 4""")
                .stream()
                .map(row -> new Missing(
                        (UUID) row[0],
                        (String) row[1],
                        (String) row[2],
                        (String) row[3],
                        (String) row[4],
                        ((Number) row[5]).intValue(),
                        ((Number) row[6]).longValue(),
                        ((Number) row[7]).longValue(),
                        SqlTimes.instant(row[8]),
                        (String) row[9]))
                .toList();
    }

    @SuppressWarnings("unchecked")
    private List<Object[]> rows(String sql) {
        return em.createNativeQuery(sql, Object[].class).getResultList();
    }
}
