package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Progress;
import dev.berth.machines.Card;
import dev.berth.machines.MachineDisk;
import dev.berth.machines.Task;
import java.util.List;

/** The steps that make and unmake a machine on its host. Each looks before it acts, so each may be repeated. */
enum Step {
    NETWORK("Prepare the network", (host, task) -> {
        for (NicSpec nic : task.domain().nics()) {
            host.ensureNetwork(nic.network());
        }
    }),
    ADDRESS("Reserve the address", (host, task) -> {
        for (NicSpec nic : task.domain().nics()) {
            host.ensureNic(nic);
        }
    }),
    DISK(
            "Create the disk",
            (host, task, progress) -> disks(
                    host, task.disks().stream().filter(disk -> !disk.removing()).toList(), progress)),
    SEED("Write the first-boot settings", (host, task) -> host.writeSeed(task.seed())),
    DEFINE("Define the machine", (host, task) -> host.define(task.domain())),
    START("Start the machine", (host, task) -> {
        host.start(task.id());
        task.domain().nics().forEach(host::plugNic);
    }),

    POWER_OFF("Power off", (host, task) -> host.powerOff(task.id())),
    UNDEFINE(
            "Remove the definition",
            (host, task) -> host.undefine(task.id(), task.domain().installationId())),
    DELETE_SEED("Delete the first-boot settings", (host, task) -> host.deleteSeed(task.id())),
    /** Data disks are not the machine's own: they stay, or go by themselves. */
    DELETE_DISK("Delete the disk", (host, task, progress) -> {
        for (MachineDisk disk : task.disks()) {
            if (disk.system()) {
                host.deleteDisk(disk.spec(), progress);
            }
        }
    }),
    /** For the reconciler: the ports of all the host's machines are one. */
    CLOSE_PORTS("Close its ports"),
    RELEASE_ADDRESS("Give back the address", (host, task) -> {
        for (Card card : task.cards()) {
            host.removeNic(card.spec());
        }
    }),

    /** For {@link MoveWork}, move by move. */
    MOVE_COPY("Copy the disk"),
    MOVE_VERIFY("Compare the copy with the disk"),
    MOVE_DEFINE("Define the machine with its disk"),
    MOVE_CLEAN("Delete the disk that is left over"),

    /** For {@link CaptureWork}. */
    CAPTURE("Copy the disk into the image library"),

    CARD_NETWORK("Prepare the card's network", (host, task) -> task.pending()
            .forEach(card -> host.ensureNetwork(card.spec().network()))),
    CARD_ADDRESS(
            "Reserve the card's address", (host, task) -> task.pending().forEach(card -> host.ensureNic(card.spec()))),
    CARD_DEFINE("Put the change into the machine's definition", (host, task) -> host.define(task.domain())),
    CARD_PLUG("Plug in the card"),
    CARD_UNPLUG("Have the guest let go of the card"),
    CARD_RELEASE("Give back the card's address"),

    /** For {@link ShareWork}. */
    SHARE_PREPARE(
            "Prepare the shared directories",
            (host, task) -> task.domain().shares().forEach(host::offerShare)),
    SHARE_SEED("Tell the guest to mount its shared directories", (host, task) -> host.writeSeed(task.seed())),
    SHARE_DEFINE(
            "Put the shared directories into the machine's definition", (host, task) -> host.define(task.domain())),

    SIZE_DEFINE("Put the size into the machine's definition", (host, task) -> host.define(task.domain())),

    DISK_PREPARE("Prepare the data disk", (host, task, progress) -> disks(host, task.pendingDisks(), progress)),
    DISK_DEFINE("Put the disks into the machine's definition", (host, task) -> host.define(task.domain())),
    DISK_PLUG("Plug in the disk"),
    DISK_UNPLUG("Have the guest let go of the disk"),
    DISK_RELEASE("Take the disk from the machine"),

    /** For {@link SnapshotWork}: one snapshot after the other. */
    SNAPSHOT_TAKE("Take the snapshot"),
    SNAPSHOT_REVERT("Bring the disks back"),
    SNAPSHOT_DELETE("Delete the snapshot"),
    DISK_FILL("Copy what the snapshot keeps");

    /** From nothing, or from off, to running. */
    static final List<Step> TO_RUNNING = List.of(NETWORK, ADDRESS, DISK, SEED, DEFINE, START);

    /** From a definition that was lost to one that is off. */
    static final List<Step> TO_DEFINED = TO_RUNNING.subList(0, TO_RUNNING.indexOf(START));

    /** From anything to nothing. A port must not lead to whoever gets the address next, so it is closed first. */
    static final List<Step> TO_GONE =
            List.of(POWER_OFF, UNDEFINE, DELETE_SEED, DELETE_DISK, CLOSE_PORTS, RELEASE_ADDRESS);

    private final String label;
    private final LongAction action;

    private interface Action {
        void run(Hypervisor host, Task task);
    }

    /** One that may take a while, and says how far it is. */
    private interface LongAction {
        void run(Hypervisor host, Task task, Progress progress);
    }

    Step(String label, Action action) {
        this(label, (host, task, progress) -> action.run(host, task));
    }

    Step(String label, LongAction action) {
        this.label = label;
        this.action = action;
    }

    /** One that needs more than the host and the task: {@link CardWork} takes those of cards, card by card. */
    Step(String label) {
        this(label, (host, task) -> {
            throw new IllegalStateException("Not taken like the others: " + label);
        });
    }

    String label() {
        return label;
    }

    void run(Hypervisor host, Task task, Progress progress) {
        action.run(host, task, progress);
    }

    /** Once handed over, a disk holds somebody's data: a missing one is never quietly replaced by an empty one. */
    private static void disks(Hypervisor host, List<MachineDisk> disks, Progress progress) {
        for (MachineDisk disk : disks) {
            host.ensureStorage(disk.spec().storage());
            if (disk.made() && !host.diskExists(disk.spec())) {
                throw new HypervisorException(
                        Reason.MISSING,
                        disk.system()
                                ? "The machine's disk is no longer on its host. Put it back from a backup and try"
                                        + " again, or delete the machine."
                                : "The machine's disk " + disk.spec().target()
                                        + " is no longer on its host. Put it back from a backup and try again, or"
                                        + " detach it.");
            }
            host.ensureDisk(disk.spec(), progress);
        }
    }
}
