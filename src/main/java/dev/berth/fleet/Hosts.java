package dev.berth.fleet;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.HostFacts;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** The hosts, as their workers report them and admins run them, and the choice of one for a new machine. */
@ApplicationScoped
public class Hosts {
    /** A host whose worker has been silent for longer takes no machines. */
    private static final Duration FRESH = Duration.ofSeconds(60);

    @ApplicationScoped
    static class HostRepository implements PanacheRepositoryBase<HostEntity, UUID> {}

    private final HostRepository hosts;
    private final EntityManager em;
    private final FleetConfig config;
    private final Audit audit;
    private final Clock clock;

    Hosts(HostRepository hosts, EntityManager em, FleetConfig config, Audit audit, Clock clock) {
        this.hosts = hosts;
        this.em = em;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    /** Which installation this is; marks everything made on a host. */
    @Transactional
    public UUID installationId() {
        return (UUID)
                em.createNativeQuery("select id from installation", UUID.class).getSingleResult();
    }

    @Transactional
    public List<Host> list() {
        return hosts.find("order by name").stream().map(HostEntity::toHost).toList();
    }

    @Transactional
    public Optional<Host> find(UUID id) {
        return hosts.findByIdOptional(id).map(HostEntity::toHost);
    }

    /** A worker serves this host from now on. */
    @Transactional
    public void register(String name, String uri, String workerUrl) {
        HostEntity host = hosts.find("name", name).firstResultOptional().orElseGet(() -> {
            HostEntity fresh = new HostEntity();
            fresh.id = UUID.randomUUID();
            fresh.name = name;
            fresh.state = HostState.ACTIVE;
            fresh.problem = "Its worker is connecting.";
            fresh.createdAt = clock.instant();
            return fresh;
        });
        host.uri = uri;
        host.workerUrl = workerUrl;
        hosts.persist(host);
    }

    /** The worker reached the host just now. */
    @Transactional
    public void reached(String name, HostFacts facts) {
        hosts.find("name", name).firstResultOptional().ifPresent(host -> {
            host.problem = "";
            host.seenAt = clock.instant();
            host.hostname = facts.hostname();
            host.domainType = facts.domainType();
            host.cpus = facts.cpus();
            host.memoryMib = facts.memoryMib();
            host.versions = "libvirt " + facts.libvirtVersion() + ", QEMU " + facts.hypervisorVersion();
        });
    }

    /** The worker can't reach the host. */
    @Transactional
    public void unreachable(String name, String problem) {
        hosts.update("problem = ?1 where name = ?2 and problem <> ?1", problem, name);
    }

    @Transactional
    public void setState(Caller caller, UUID id, HostState state) {
        caller.requireAdmin();
        HostEntity host = hosts.findByIdOptional(id).orElseThrow(() -> ProblemException.notFound("host"));
        audit.record(
                caller,
                "host.set-state",
                Audit.Subject.global("host", id, host.name),
                Audit.change(Map.of("state", host.state), Map.of("state", state)));
        host.state = state;
    }

    /**
     * Chooses the host with the most memory left that can take a machine of this size, and locks its row, so that two
     * approvals can't both take the last room.
     *
     * @param load what each host has been promised already, asked for after the rows are locked
     * @param hosts that can't take the machine for another reason, in words that follow the host; asked for then too
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public Host place(int vcpus, long memoryMib, Supplier<Map<UUID, Load>> load, Supplier<Map<UUID, String>> unfit) {
        List<HostEntity> candidates = hosts.find(
                        "state = ?1 and problem = '' and seenAt is not null order by id", HostState.ACTIVE)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
        return choose(candidates.stream().map(HostEntity::toHost).toList(), vcpus, memoryMib, load, unfit);
    }

    /** The same choice without a lock, of what is known already: where a machine would go now. */
    public Host choose(List<Host> hosts, int vcpus, long memoryMib, Map<UUID, Load> loads, Map<UUID, String> unfit) {
        return choose(hosts.stream().filter(Host::takesMachines).toList(), vcpus, memoryMib, () -> loads, () -> unfit);
    }

    private Host choose(
            List<Host> candidates,
            int vcpus,
            long memoryMib,
            Supplier<Map<UUID, Load>> load,
            Supplier<Map<UUID, String>> unfit) {
        if (candidates.isEmpty()) {
            throw ProblemException.unavailable(
                    "no-host", "No host takes machines right now. An admin can see why on the hosts page.");
        }
        Map<UUID, String> against = unfit.get();
        List<Host> fit = candidates.stream()
                .filter(host -> !against.containsKey(host.id()))
                .toList();
        if (fit.isEmpty()) {
            throw ProblemException.unavailable(
                    "no-network-host",
                    "No host can take this machine right now: each " + String.join(" or ", reasons(candidates, against))
                            + ". Choose another network or storage, try again later or ask an admin.");
        }
        Map<UUID, Load> loads = load.get();
        return fit.stream()
                .filter(host -> left(host, loads) >= memoryMib)
                .filter(host -> loads.getOrDefault(host.id(), Load.NONE).vcpus() + vcpus
                        <= host.cpus() * config.cpuOvercommit())
                .max(Comparator.comparingLong(host -> left(host, loads)))
                .orElseThrow(() -> ProblemException.unavailable(
                        "no-room",
                        "No host has room for %d vCPUs and %d MiB of memory right now. Choose a smaller size or try again later."
                                .formatted(vcpus, memoryMib)));
    }

    /**
     * Nothing happens if the host can hold what it has been promised; for a machine there that has just become larger.
     *
     * @throws ProblemException unavailable if that is too much
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void requireRoom(UUID hostId, Supplier<Map<UUID, Load>> load) {
        Host host = hosts.findById(hostId, LockModeType.PESSIMISTIC_WRITE).toHost();
        Map<UUID, Load> loads = load.get();
        if (left(host, loads) < 0
                || loads.getOrDefault(hostId, Load.NONE).vcpus() > host.cpus() * config.cpuOvercommit()) {
            throw ProblemException.unavailable(
                    "no-room",
                    "The machine's host, %s, has no room for that much more. Choose a smaller size or try again later."
                            .formatted(host.name()));
        }
    }

    private static List<String> reasons(List<Host> candidates, Map<UUID, String> against) {
        return candidates.stream()
                .map(host -> against.get(host.id()))
                .distinct()
                .sorted()
                .toList();
    }

    private long left(Host host, Map<UUID, Load> loads) {
        return (long) (host.memoryMib() * config.memoryOvercommit())
                - loads.getOrDefault(host.id(), Load.NONE).memoryMib();
    }
}
