package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.network.NetworkKind;
import io.quarkus.arc.All;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Named uses of the network kinds. */
@Singleton
public class NetworkProfiles extends Profiles<NetworkProfileEntity> {
    @ApplicationScoped
    static class NetworkProfileRepository implements PanacheRepositoryBase<NetworkProfileEntity, UUID> {}

    private final List<NetworkKind> kinds;

    @Inject
    NetworkProfiles(NetworkProfileRepository profiles, @All List<NetworkKind> kinds, Audit audit, Clock clock) {
        super("network profile", profiles, NetworkProfileEntity::new, audit, clock);
        this.kinds = kinds;
    }

    @Override
    public List<Kind> kinds() {
        return kinds.stream()
                .map(kind -> new Kind(kind.id(), kind.traits(), kind.fields()))
                .toList();
    }

    @Override
    protected Map<String, String> validate(String kind, Map<String, String> config) {
        return kind(kind).validate(config);
    }

    /** Addresses that may be handed out on this profile, in order; empty where its kind manages none. */
    public List<String> addresses(Profile profile) {
        return kind(profile.kind()).addresses(profile.config());
    }

    public static NetworkSpec spec(Profile profile) {
        return new NetworkSpec(profile.id(), profile.slug(), profile.kind(), profile.config());
    }

    private NetworkKind kind(String id) {
        return kinds.stream()
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No network kind " + id));
    }
}
