package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HypervisorException;
import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.util.List;

/** Every kind of network there is: each is a CDI singleton and lists itself here by being one. */
@Singleton
public class NetworkKinds {
    private final List<NetworkKind> kinds;

    public NetworkKinds(@All List<NetworkKind> kinds) {
        this.kinds = List.copyOf(kinds);
    }

    public List<NetworkKind> all() {
        return kinds;
    }

    /** @throws HypervisorException {@code REJECTED} if there is no such kind */
    public NetworkKind get(String id) {
        return kinds.stream()
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new HypervisorException(
                        HypervisorException.Reason.REJECTED, "There is no kind of network of this name: " + id + "."));
    }
}
