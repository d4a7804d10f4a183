package dev.berth.machines;

/** What is being done with a machine, in the words of its timeline. */
public enum Operation {
    CREATE("Create"),
    START("Start"),
    STOP("Stop"),
    REBOOT("Reboot"),
    RESET("Reset"),
    /** Cards come, go or change. */
    NETWORK("Network"),
    /** A disk goes to other storage, or comes back. */
    MOVE("Move a disk"),
    /** Disks come, go or change. */
    DISKS("Disks"),
    /** Snapshots are taken or deleted. */
    SNAPSHOT("Snapshot"),
    /** The disks go back to a snapshot. */
    REVERT("Revert"),
    /** It gets another size. */
    RESIZE("Change of size"),
    /** A disk becomes an image. */
    CAPTURE("Make an image"),
    DELETE("Delete"),
    /** What is said of the end of its lease. */
    LEASE("Lease"),
    /** The machine changed on its host without Berth. */
    OBSERVE("Seen on the host");

    private final String label;

    Operation(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
