package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HypervisorException;
import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.util.List;

/** Every kind of disk there is: each is a CDI singleton and lists itself here by being one. */
@Singleton
public class DiskKinds {
    private final List<DiskKind> kinds;

    public DiskKinds(@All List<DiskKind> kinds) {
        this.kinds = List.copyOf(kinds);
    }

    public List<DiskKind> all() {
        return kinds;
    }

    /** @throws HypervisorException {@code REJECTED} if there is no such kind */
    public DiskKind get(String id) {
        return kinds.stream()
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new HypervisorException(
                        HypervisorException.Reason.REJECTED, "There is no kind of disk of this name: " + id + "."));
    }

    /** @throws HypervisorException {@code REJECTED} if there is no such kind, or it shares no files */
    public ShareKind sharing(String id) {
        if (get(id) instanceof ShareKind kind) {
            return kind;
        }
        throw new HypervisorException(
                HypervisorException.Reason.REJECTED, "Storage of the kind " + id + " shares no files.");
    }
}
