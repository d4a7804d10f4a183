package dev.berth.machines;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Set;

/** How the rows of shared directories follow the work on them. For the worker, as {@link MachineStatus}. */
@ApplicationScoped
public class ShareStatus {
    private static final String NEXT_START =
            "The machine gets it when it is next powered off and started. A reboot from inside is not enough.";
    private static final String NEXT_STOP = "The machine keeps it until it is next powered off.";

    private final MachineRepository machines;
    private final ShareRows shares;

    ShareStatus(MachineRepository machines, ShareRows shares) {
        this.machines = machines;
        this.shares = shares;
    }

    /**
     * What the machine's definition has is as wanted.
     *
     * @param running whether the domain is on
     * @param tags those that the domain has
     */
    @Transactional
    public void compared(Task task, boolean running, Set<String> tags) {
        machines.stillWanting(task).ifPresent(machine -> shares.of(machine.id).forEach(share -> {
            boolean has = tags.contains(share.storageSlug);
            if (share.removing && !has) {
                shares.delete(share);
            } else if (share.removing) {
                share.note = NEXT_STOP;
            } else if (share.pending) {
                share.pending = running && !has;
                share.note = share.pending ? NEXT_START : "";
            }
        }));
    }
}
