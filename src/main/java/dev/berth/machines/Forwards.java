package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.ForwardSpec.Protocol;
import dev.berth.hypervisor.network.PortRange;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenants;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The ports of hosts that tenants open for their machines. Opening and closing are rows; the host's worker hears of a
 * change at once and makes the host's rules so.
 */
@ApplicationScoped
public class Forwards {
    @ApplicationScoped
    static class ForwardRepository implements PanacheRepositoryBase<ForwardEntity, UUID> {}

    /** Says, with a host's name, that its ports have changed. */
    public static final String CHANNEL = "berth_forwards";

    private static final int LAST_PORT = 65_535;

    /**
     * A port to open.
     *
     * @param hostPort the host's port, or null for the next free one
     */
    public record Wish(Protocol protocol, int guestPort, Integer hostPort, String description) {}

    /**
     * What a machine's ports may be.
     *
     * @param network the network whose ports are meant, or empty
     * @param range the host's ports to choose from, or null when there are none
     * @param whyNot a sentence when no port can be opened, else empty
     */
    public record Offer(String network, PortRange range, String hostAddress, String whyNot) {
        public boolean possible() {
            return range != null;
        }
    }

    private record Card(NicEntity nic, Profile network, PortRange range) {}

    private final ForwardRepository forwards;
    private final MachineRepository machines;
    private final Addresses.NicRepository nics;
    private final NetworkProfiles networks;
    private final Hosts hosts;
    private final Tenants tenants;
    private final Quotas quotas;
    private final Audit audit;
    private final Clock clock;

    Forwards(
            ForwardRepository forwards,
            MachineRepository machines,
            Addresses.NicRepository nics,
            NetworkProfiles networks,
            Hosts hosts,
            Tenants tenants,
            Quotas quotas,
            Audit audit,
            Clock clock) {
        this.forwards = forwards;
        this.machines = machines;
        this.nics = nics;
        this.networks = networks;
        this.hosts = hosts;
        this.tenants = tenants;
        this.quotas = quotas;
        this.audit = audit;
        this.clock = clock;
    }

    /** The machine's ports, by the host's port. */
    @Transactional
    public List<Forward> list(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        List<ForwardEntity> rows = forwards.list("machineId = ?1 order by hostPort, protocol", machineId);
        if (rows.isEmpty()) {
            return List.of();
        }
        Map<UUID, String> addresses = addresses(machine);
        return rows.stream().map(row -> row.toForward(addresses.get(row.nicId))).toList();
    }

    @Transactional
    public Forward get(Caller caller, UUID machineId, UUID forwardId) {
        return list(caller, machineId).stream()
                .filter(forward -> forward.id().equals(forwardId))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("port"));
    }

    /** Which ports can be opened for the machine, and why none can. */
    @Transactional
    public Offer offer(Caller caller, UUID machineId) {
        MachineEntity machine =
                machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        List<Profile> profiles = profiles(machineId);
        return card(machineId, profiles)
                .map(card -> new Offer(card.network.slug(), card.range, address(card.network, host(machine)), ""))
                .orElseGet(() -> new Offer("", null, "", whyNot(profiles)));
    }

    /**
     * Opens a port, or says why that can't be.
     *
     * @throws ProblemException also when somebody else takes the port at the same moment
     */
    @Transactional
    public Forward open(Caller caller, UUID machineId, Wish wish) {
        MachineEntity machine = machines.forChange(caller, machineId);
        if (machine.wanted == Wanted.GONE) {
            throw ProblemException.conflict(
                    "wrong-state", "The machine is being deleted, so no port of it can be opened any more.");
        }
        List<Profile> profiles = profiles(machineId);
        Card card =
                card(machineId, profiles).orElseThrow(() -> ProblemException.conflict("no-ports", whyNot(profiles)));
        check(wish, card);
        if (forwards.count(
                        "nicId = ?1 and protocol = ?2 and guestPort = ?3",
                        card.nic.id,
                        wish.protocol(),
                        wish.guestPort())
                > 0) {
            throw ProblemException.conflict(
                    "taken",
                    "Port %d (%s) of the machine is open already. Use that one, or close it first."
                            .formatted(wish.guestPort(), wish.protocol()));
        }
        ForwardEntity forward = new ForwardEntity();
        forward.id = UUID.randomUUID();
        forward.machineId = machineId;
        forward.nicId = card.nic.id;
        forward.hostId = machine.hostId;
        forward.hostName = machine.hostName;
        forward.protocol = wish.protocol();
        forward.hostPort = hostPort(wish, machine, card);
        forward.guestPort = wish.guestPort();
        forward.description = wish.description().strip();
        forward.createdBy = caller.username();
        forward.createdAt = clock.instant();
        quotas.raise(
                tenants.get(caller, machine.tenantSlug), forward.id, caller.userId(), Amounts.of(Resource.FORWARDS, 1));
        persist(forward);
        audit.record(caller, "forward.open", Machines.subject(machine), detail(forward));
        notifyWorker(machine.hostName);
        return forward.toForward(address(card.network, host(machine)));
    }

    private static void check(Wish wish, Card card) {
        new Checks()
                .require("protocol", wish.protocol() != null, "Choose TCP or UDP.")
                .require(
                        "guestPort",
                        wish.guestPort() >= 1 && wish.guestPort() <= LAST_PORT,
                        "Choose a port of the machine from 1 to " + LAST_PORT + ".")
                .require(
                        "hostPort",
                        wish.hostPort() == null || card.range.contains(wish.hostPort()),
                        "Choose a port from " + card.range.first() + " to " + card.range.last()
                                + ", or none to get the next free one.")
                .text("description", wish.description(), 100)
                .require(
                        "description",
                        wish.description() == null || !wish.description().contains("\n"),
                        "Use one line.")
                .throwIfAny();
    }

    /** The port that was wished for, or the first free one; one at a time for each host, so that two get two. */
    private int hostPort(Wish wish, MachineEntity machine, Card card) {
        forwards.getEntityManager()
                .createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:host, 4))", Object.class)
                .setParameter("host", machine.hostId.toString())
                .getSingleResult();
        Set<Integer> taken = new HashSet<>(forwards.getEntityManager()
                .createQuery(
                        "select hostPort from ForwardEntity where hostId = :host and protocol = :protocol",
                        Integer.class)
                .setParameter("host", machine.hostId)
                .setParameter("protocol", wish.protocol())
                .getResultList());
        if (wish.hostPort() != null) {
            if (taken.contains(wish.hostPort())) {
                throw taken(wish.protocol(), wish.hostPort());
            }
            return wish.hostPort();
        }
        return IntStream.rangeClosed(card.range.first(), card.range.last())
                .filter(port -> !taken.contains(port))
                .findFirst()
                .orElseThrow(() -> ProblemException.conflict(
                        "ports-exhausted",
                        "Every port from " + card.range.first() + " to " + card.range.last()
                                + " of the machine's host is open already. Close one, or ask an admin for a larger"
                                + " range."));
    }

    /** The unique constraint has the last word. */
    private void persist(ForwardEntity forward) {
        try {
            forwards.persistAndFlush(forward);
        } catch (PersistenceException e) {
            if (e instanceof org.hibernate.exception.ConstraintViolationException) {
                throw taken(forward.protocol, forward.hostPort);
            }
            throw e;
        }
    }

    private static ProblemException taken(Protocol protocol, int hostPort) {
        return ProblemException.conflict(
                "taken",
                "Port %d (%s) of the host is taken. Choose another one, or none to get the next free one."
                        .formatted(hostPort, protocol));
    }

    /** Closes the port: what goes through it ends, and its quota is free. */
    @Transactional
    public void close(Caller caller, UUID machineId, UUID forwardId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        ForwardEntity forward = forwards.find("id = ?1 and machineId = ?2", forwardId, machineId)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("port"));
        audit.record(caller, "forward.close", Machines.subject(machine), detail(forward));
        remove(List.of(forward));
    }

    /** How many lead to each card of a machine, by the card's id; one query. */
    @Transactional
    Map<UUID, Long> counts(UUID machineId) {
        return forwards.getEntityManager()
                .createQuery(
                        "select nicId, count(*) from ForwardEntity where machineId = :machine group by nicId",
                        Object[].class)
                .setParameter("machine", machineId)
                .getResultStream()
                .collect(Collectors.toMap(row -> (UUID) row[0], row -> (Long) row[1]));
    }

    /**
     * The card goes, and with it the ports that lead to it. Their host has to be told before its address is free.
     *
     * @return how many there were
     */
    @Transactional(Transactional.TxType.MANDATORY)
    int forget(UUID nicId) {
        List<ForwardEntity> rows = forwards.list("nicId", nicId);
        remove(rows);
        return rows.size();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    void forgetMachine(UUID machineId) {
        remove(forwards.list("machineId", machineId));
    }

    private void remove(List<ForwardEntity> rows) {
        for (ForwardEntity row : rows) {
            quotas.release(row.id);
            forwards.delete(row);
        }
        rows.stream().map(row -> row.hostName).distinct().forEach(this::notifyWorker);
    }

    private void notifyWorker(String hostName) {
        forwards.getEntityManager()
                .createNativeQuery("select pg_notify(:channel, :host)", Object.class)
                .setParameter("channel", CHANNEL)
                .setParameter("host", hostName)
                .getSingleResult();
    }

    private List<Profile> profiles(UUID machineId) {
        return networks.find(nics.getEntityManager()
                .createQuery("select networkProfileId from NicEntity where machineId = :machine", UUID.class)
                .setParameter("machine", machineId)
                .getResultList());
    }

    /** The first card whose network lets ports be opened. */
    private Optional<Card> card(UUID machineId, List<Profile> profiles) {
        return nics.list("machineId = ?1 and removing = false order by position", machineId).stream()
                .flatMap(nic -> profiles.stream()
                        .filter(profile -> profile.id().equals(nic.networkProfileId) && nic.address != null)
                        .flatMap(profile ->
                                networks.forwardPorts(profile).stream().map(range -> new Card(nic, profile, range))))
                .findFirst();
    }

    private String whyNot(List<Profile> profiles) {
        List<Profile> translated =
                profiles.stream().filter(networks::opensPorts).toList();
        if (profiles.isEmpty()) {
            return "This machine has no network card, so there is no port to open.";
        }
        if (translated.isEmpty()) {
            return "This machine is reached at its own address, so there is no port to open: ports are opened on"
                    + " networks that translate addresses (NAT).";
        }
        return "The network " + translated.get(0).slug()
                + " has no ports to open. Ask an admin to name some in its profile.";
    }

    private Map<UUID, String> addresses(MachineEntity machine) {
        Host host = host(machine);
        List<Profile> profiles = profiles(machine.id);
        return nics.list("machineId", machine.id).stream()
                .collect(Collectors.toMap(nic -> nic.id, nic -> profiles.stream()
                        .filter(profile -> profile.id().equals(nic.networkProfileId))
                        .findFirst()
                        .map(profile -> address(profile, host))
                        .orElse(host.name())));
    }

    private Host host(MachineEntity machine) {
        return hosts.find(machine.hostId).orElseThrow();
    }

    private String address(Profile network, Host host) {
        String address = networks.forwardAddress(network);
        if (!address.isEmpty()) {
            return address;
        }
        return host.hostname() == null || host.hostname().isEmpty() ? host.name() : host.hostname();
    }

    private static Map<String, ?> detail(ForwardEntity forward) {
        return Map.of(
                "protocol", forward.protocol,
                "hostPort", forward.hostPort,
                "guestPort", forward.guestPort);
    }
}
