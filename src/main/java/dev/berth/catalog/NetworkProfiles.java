package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.hypervisor.GuestAddress;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.network.Fit;
import dev.berth.hypervisor.network.Ipv4Net;
import dev.berth.hypervisor.network.MacRange;
import dev.berth.hypervisor.network.NetworkKind;
import dev.berth.hypervisor.network.PortRange;
import io.quarkus.arc.All;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Named uses of the network kinds. */
@Singleton
public class NetworkProfiles extends Profiles<NetworkProfileEntity> {
    private static final Comparator<NetworkKind> SIMPLEST_FIRST = Comparator.comparing(
                    (NetworkKind kind) -> kind.fit().reach())
            .thenComparing(kind -> kind.fit().speed())
            .thenComparing(NetworkKind::id);

    @ApplicationScoped
    static class NetworkProfileRepository implements PanacheRepositoryBase<NetworkProfileEntity, UUID> {}

    private final NetworkProfileRepository profiles;
    private final List<NetworkKind> kinds;
    private final Event<NetworkProfileChanged> changes;

    @Inject
    NetworkProfiles(
            NetworkProfileRepository profiles,
            @All List<NetworkKind> kinds,
            ProfileChecks checks,
            ProfileUse use,
            Event<NetworkProfileChanged> changes,
            Audit audit,
            Clock clock) {
        super("network profile", profiles, NetworkProfileEntity::new, new Tools(checks, use, audit, clock));
        this.profiles = profiles;
        this.kinds = kinds.stream().sorted(SIMPLEST_FIRST).toList();
        this.changes = changes;
    }

    @Override
    public List<Kind> kinds() {
        return kinds.stream()
                .map(kind -> new Kind(kind.id(), kind.traits(), kind.fields()))
                .toList();
    }

    /** What each kind does for whom, by its id. */
    public Fit fit(String kind) {
        return networkKind(kind).fit();
    }

    @Override
    protected Map<String, String> validate(String kind, Map<String, String> config, UUID own) {
        Map<String, String> problems = networkKind(kind).validate(config);
        return problems.isEmpty() ? overlaps(networkKind(kind), config, own) : problems;
    }

    /** Two networks that Berth makes are on the same hosts, so they can't share addresses. */
    private Map<String, String> overlaps(NetworkKind kind, Map<String, String> config, UUID own) {
        Optional<Ipv4Net> net = kind.ownNet(config);
        return net.flatMap(mine -> profiles.listAll().stream()
                        .filter(other -> !other.id.equals(own))
                        .filter(other -> ownNet(other).filter(mine::overlaps).isPresent())
                        .findFirst())
                .map(other -> Map.of(
                        NetworkKind.CIDR,
                        "This overlaps " + ownNet(other).orElseThrow() + " of network profile " + other.slug
                                + ". Choose another range."))
                .orElse(Map.of());
    }

    private Optional<Ipv4Net> ownNet(NetworkProfileEntity profile) {
        return kinds.stream()
                .filter(kind -> kind.id().equals(profile.kind))
                .findFirst()
                .flatMap(kind -> kind.ownNet(profile.config));
    }

    @Override
    protected void settingsChanged(UUID profileId) {
        changes.fire(new NetworkProfileChanged(profileId));
    }

    /** Addresses that may be handed out on this profile, in order; empty where its kind manages none. */
    public List<String> addresses(Profile profile) {
        return networkKind(profile.kind()).addresses(profile.config());
    }

    /** The range of the network that Berth makes for the profile; empty where its kind joins one that is there. */
    public Optional<Ipv4Net> ownNet(Profile profile) {
        return networkKind(profile.kind()).ownNet(profile.config());
    }

    /** The MAC addresses that cards on this profile get; empty for any of QEMU's own range. */
    public Optional<MacRange> macs(Profile profile) {
        return networkKind(profile.kind()).macs(profile.config());
    }

    /** How many cards one host can have on this profile. */
    public int cardsPerHost(Profile profile) {
        return networkKind(profile.kind()).cardsPerHost(profile.config());
    }

    /** How a guest is told to get the card's address. */
    public GuestAddress guestAddress(NicSpec nic) {
        return networkKind(nic.network().kind()).guestAddress(nic);
    }

    /** Whether machines on this profile are reached through ports that are opened for them. */
    public boolean opensPorts(Profile profile) {
        return networkKind(profile.kind()).fit().reach() == Fit.Reach.OPENED_PORTS;
    }

    /** Whether machines on this profile can start from its network. */
    public boolean boots(Profile profile) {
        return networkKind(profile.kind()).boots(profile.config());
    }

    /** The host's ports that may be opened for machines on this profile. */
    public Optional<PortRange> forwardPorts(Profile profile) {
        return networkKind(profile.kind()).forwardPorts(profile.config());
    }

    /** What people reach opened ports by, or empty for the host's own name. */
    public String forwardAddress(Profile profile) {
        return networkKind(profile.kind()).forwardAddress(profile.config());
    }

    public static NetworkSpec spec(Profile profile) {
        return new NetworkSpec(profile.id(), profile.slug(), profile.kind(), profile.config());
    }

    private NetworkKind networkKind(String id) {
        return kinds.stream()
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No network kind " + id));
    }
}
