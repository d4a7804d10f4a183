package dev.berth.hypervisor.disk;

/**
 * What a kind of disk does for whom: what an advisor compares with people's answers.
 *
 * @param snapshots whether a disk keeps states of itself, and machines can be cloned from them
 * @param speed how little stands between a machine and the medium
 * @param arrayCopies whether the storage's own copies and disaster recovery see each disk as one of theirs
 * @param sharedFiles whether several machines can have the same files
 */
public record DiskFit(boolean snapshots, Speed speed, boolean arrayCopies, boolean sharedFiles) {
    /** How much of the medium's speed is left, from least to most. */
    public enum Speed {
        /** Each write may have to find or make its place first. */
        THIN,
        /** A file system lies between. */
        FILE,
        /** A network lies between. */
        NETWORK,
        /** Reads and writes go to the device. */
        DEVICE
    }
}
