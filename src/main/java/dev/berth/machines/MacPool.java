package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.hypervisor.network.MacRange;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The MAC addresses of all cards. One is given to one card for life, and to another only after it has rested. The row's
 * primary key has the last word, also between networks whose ranges overlap.
 */
@ApplicationScoped
class MacPool {
    /** Below this size a range is read instead of guessed at. */
    private static final long BIG = 256;

    private static final int GUESSES = 16;

    /** How often somebody else may take just the address that was found free. */
    private static final int LOST_RACES = 20;

    private final EntityManager em;
    private final NetworkConfig config;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    MacPool(EntityManager em, NetworkConfig config, Clock clock) {
        this.em = em;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Gives a MAC address of the range to a machine.
     *
     * @param address the IPv4 address that goes with it, or null
     * @return empty when none is left
     */
    @Transactional(Transactional.TxType.MANDATORY)
    Optional<String> take(MacRange range, MachineEntity machine, Profile network, String address) {
        for (int race = 0; race < LOST_RACES; race++) {
            Optional<String> free = free(range);
            if (free.isEmpty() || claim(free.get(), machine, network, address)) {
                return free;
            }
        }
        return Optional.empty();
    }

    /** An address of the range that could be given now. */
    @Transactional
    Optional<String> free(MacRange range) {
        Optional<String> guessed = range.size() >= BIG ? guess(range) : Optional.empty();
        return guessed.isPresent() ? guessed : firstGap(range);
    }

    private Optional<String> guess(MacRange range) {
        String guesses = random.longs(GUESSES, range.first(), range.last() + 1)
                .mapToObj(MacRange::text)
                .collect(Collectors.joining(","));
        return em.createNativeQuery(
                        """
                        select guess from unnest(string_to_array(:guesses, ',')) as guess
                         where not exists (select 1 from mac_address
                                            where mac = guess and (released_at is null or released_at > :rested))
                         limit 1""",
                        String.class)
                .setParameter("guesses", guesses)
                .setParameter("rested", rested())
                .getResultStream()
                .findFirst();
    }

    private Optional<String> firstGap(MacRange range) {
        Number gap = (Number) em.createNativeQuery(
                        """
                        with taken as (
                            select cast(cast('x' || replace(mac, ':', '') as bit(48)) as bigint) as number
                              from mac_address
                             where mac between :firstMac and :lastMac
                               and (released_at is null or released_at > :rested))
                        select min(candidate) from (
                            select cast(:first as bigint) as candidate union all select number + 1 from taken) as next
                         where candidate <= :last
                           and not exists (select 1 from taken where number = candidate)""",
                        Long.class)
                .setParameter("firstMac", MacRange.text(range.first()))
                .setParameter("lastMac", MacRange.text(range.last()))
                .setParameter("rested", rested())
                .setParameter("first", range.first())
                .setParameter("last", range.last())
                .getSingleResult();
        return Optional.ofNullable(gap).map(Number::longValue).map(MacRange::text);
    }

    /** False if somebody else was faster. */
    private boolean claim(String mac, MachineEntity machine, Profile network, String address) {
        return em.createNativeQuery(
                                """
                                insert into mac_address (mac, profile_id, network_slug, kind, address, machine_id,
                                                         machine_name, tenant_slug, owner_name, given_at)
                                values (:mac, :profile, :slug, :kind, cast(:address as text), :machine, :name, :tenant,
                                        :owner, :now)
                                on conflict (mac) do update
                                   set profile_id = excluded.profile_id, network_slug = excluded.network_slug,
                                       kind = excluded.kind, address = excluded.address,
                                       machine_id = excluded.machine_id, machine_name = excluded.machine_name,
                                       tenant_slug = excluded.tenant_slug, owner_name = excluded.owner_name,
                                       given_at = excluded.given_at, released_at = null
                                 where mac_address.released_at <= :rested""")
                        .setParameter("mac", mac)
                        .setParameter("profile", network.id())
                        .setParameter("slug", network.slug())
                        .setParameter("kind", network.kind())
                        .setParameter("address", address)
                        .setParameter("machine", machine.id)
                        .setParameter("name", machine.name)
                        .setParameter("tenant", machine.tenantSlug)
                        .setParameter("owner", machine.ownerName)
                        .setParameter("now", Timestamp.from(clock.instant()))
                        .setParameter("rested", rested())
                        .executeUpdate()
                == 1;
    }

    /** These have no card any more, and rest from now on; those that rest already go on. */
    @Transactional(Transactional.TxType.MANDATORY)
    void release(Collection<String> macs) {
        em.createQuery("update MacEntity set releasedAt = :now where mac in :macs and releasedAt is null")
                .setParameter("now", clock.instant())
                .setParameter("macs", macs)
                .executeUpdate();
    }

    /** The machine is gone with all its cards. */
    @Transactional(Transactional.TxType.MANDATORY)
    void releaseAll(UUID machineId) {
        em.createQuery("update MacEntity set releasedAt = :now where machineId = :machine and releasedAt is null")
                .setParameter("now", clock.instant())
                .setParameter("machine", machineId)
                .executeUpdate();
    }

    /** Released by then, an address may be given again. */
    private Timestamp rested() {
        return Timestamp.from(clock.instant().minus(config.macCooldown()));
    }
}
