package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.NetworkProfileChanged;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.network.CardXml;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What people do with machines' network cards. Each verb says what is wanted and queues the work. */
@ApplicationScoped
public class Cards {
    private final MachineRepository machines;
    private final Addresses.NicRepository nics;
    private final Addresses addresses;
    private final Forwards forwards;
    private final CardSpecs specs;
    private final Templates templates;
    private final NetworkProfiles networks;
    private final Tenants tenants;
    private final Quotas quotas;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Cards(
            MachineRepository machines,
            Addresses.NicRepository nics,
            Addresses addresses,
            Forwards forwards,
            CardSpecs specs,
            Templates templates,
            NetworkProfiles networks,
            Tenants tenants,
            Quotas quotas,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.nics = nics;
        this.addresses = addresses;
        this.forwards = forwards;
        this.specs = specs;
        this.templates = templates;
        this.networks = networks;
        this.tenants = tenants;
        this.quotas = quotas;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** The machine's cards in their order. */
    @Transactional
    public List<Nic> list(Caller caller, UUID machineId) {
        return views(visible(caller, machineId));
    }

    /** The networks that the machine may have a card on. */
    @Transactional
    public List<Profile> offered(Caller caller, UUID machineId) {
        MachineEntity machine = visible(caller, machineId);
        return offered(machine.revisionId, machine.tenantId);
    }

    private List<Profile> offered(UUID revisionId, UUID tenantId) {
        return templates.networksFor(revisionId).stream()
                .filter(profile -> profile.usableBy(tenantId))
                .toList();
    }

    /** What keeps a network from giving another card anything, or empty. Who asks now may still come too late. */
    @Transactional
    public Optional<ProblemException> shortage(Profile network) {
        return addresses.shortage(network);
    }

    /**
     * Gives the machine another card.
     *
     * @param cardId the new card's id: sent twice, it is one card
     */
    @Transactional
    public Nic add(Caller caller, UUID machineId, String networkSlug, UUID cardId) {
        // The network before the machine, as whoever changes a network's settings holds it when the machines follow.
        var origin = machines.origin(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        Profile network = offered(origin.revisionId(), origin.tenantId()).stream()
                .filter(profile -> profile.slug().equals(networkSlug))
                .findFirst()
                .map(profile -> networks.forUse(profile.id()))
                .orElseThrow(() -> ProblemException.invalid(
                        "network", "Choose one of the networks that the machine's template offers."));
        MachineEntity machine = forChange(caller, machineId);
        NicEntity before = nics.findById(cardId);
        if (before != null && before.machineId.equals(machineId)) {
            return view(machine, cardId);
        }
        int position = freePosition(machineId);
        UUID id = before == null ? cardId : UUID.randomUUID();
        // Before the network's lock, as by whoever asks for a machine.
        quotas.raise(
                tenants.get(caller, machine.tenantSlug),
                id,
                caller.userId(),
                Amounts.none().and(QuotaLine.addresses(network.id(), network.slug()), 1));
        String unfit = addresses.unfitHosts(network).get(machine.hostId);
        if (unfit != null) {
            throw ProblemException.conflict(
                    "no-network-host",
                    "The machine's host, " + machine.hostName + ", " + unfit
                            + ". Choose another network or ask an admin.");
        }
        NicEntity nic = addresses.allocate(machine, network, id, position);
        nic.pending = true;
        change(caller, machine, "machine.add-card", nic, Map.of());
        return view(machine, nic.id);
    }

    private int freePosition(UUID machineId) {
        Set<Integer> taken =
                nics.stream("machineId", machineId).map(nic -> nic.position).collect(Collectors.toSet());
        return IntStream.range(0, CardXml.MOST_CARDS)
                .filter(position -> !taken.contains(position))
                .findFirst()
                .orElseThrow(() -> ProblemException.conflict(
                        "too-many-cards",
                        "A machine has at most " + CardXml.MOST_CARDS
                                + " network cards. Remove one first and wait until it is gone."));
    }

    /** Takes a card away, with the ports that lead to it. Also the last one. */
    @Transactional
    public Nic remove(Caller caller, UUID machineId, UUID cardId) {
        MachineEntity machine = forChange(caller, machineId);
        NicEntity nic = nics.findByIdOptional(cardId)
                .filter(card -> card.machineId.equals(machineId))
                .orElseThrow(() -> ProblemException.notFound("network card"));
        if (!nic.removing) {
            nic.removing = true;
            nic.note = "";
            int closed = forwards.forget(cardId);
            change(caller, machine, "machine.remove-card", nic, Map.of("forwards", closed));
        }
        return view(machine, cardId);
    }

    private MachineEntity forChange(Caller caller, UUID machineId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        if (machine.wanted == Wanted.GONE) {
            throw ProblemException.conflict("wrong-state", "That can't be done while the machine is being deleted.");
        }
        return machine;
    }

    private void change(Caller caller, MachineEntity machine, String action, NicEntity nic, Map<String, Object> more) {
        machine.wantAlso(Operation.NETWORK, clock.instant());
        Map<String, Object> detail = new java.util.HashMap<>(more);
        detail.put("network", nic.networkSlug);
        detail.put("mac", nic.mac);
        audit.record(caller, action, Machines.subject(machine), detail);
        // The row must be written (and so locked) before the queue is looked at: see the queue on completion.
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
    }

    /** Brings the cards of a network up to its new settings, also those that are plugged in. The sweep queues the work. */
    @Transactional(Transactional.TxType.MANDATORY)
    void profileChanged(@Observes NetworkProfileChanged changed) {
        // Machines first and in order, as whoever changes one machine locks its row before its cards'.
        machines.getEntityManager()
                .createNativeQuery(
                        """
                        update machine set generation = generation + 1, attempt = 0, settled = false,
                               operation = case when settled then 'NETWORK' else operation end,
                               operation_at = case when settled then :now else operation_at end
                         where id in (
                             select m.id from machine m
                              where m.gone_at is null and m.wanted <> 'GONE' and m.failure_code = ''
                                and exists (select 1 from nic n
                                             where n.machine_id = m.id and n.network_profile_id = :network)
                              order by m.id for update)""")
                .setParameter("now", Timestamp.from(clock.instant()))
                .setParameter("network", changed.profileId())
                .executeUpdate();
        nics.update("pending = true, note = '' where networkProfileId = ?1 and removing = false", changed.profileId());
    }

    private MachineEntity visible(Caller caller, UUID machineId) {
        return machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
    }

    private Nic view(MachineEntity machine, UUID cardId) {
        return views(machine).stream()
                .filter(nic -> nic.id().equals(cardId))
                .findFirst()
                .orElseThrow();
    }

    private List<Nic> views(MachineEntity machine) {
        List<NicEntity> rows = nics.list("machineId = ?1 order by position", machine.id);
        Map<UUID, Profile> profiles = specs.profiles(rows);
        Map<UUID, Long> leading = forwards.counts(machine.id);
        return rows.stream()
                .map(nic -> {
                    Profile network = profiles.get(nic.networkProfileId);
                    return new Nic(
                            nic.id,
                            nic.position,
                            network,
                            nic.mac,
                            nic.address,
                            nic.seenAddress.isEmpty() ? null : nic.seenAddress,
                            networks.guestAddress(CardSpecs.spec(machine, nic, network)),
                            nic.state(),
                            nic.note,
                            leading.getOrDefault(nic.id, 0L));
                })
                .toList();
    }
}
