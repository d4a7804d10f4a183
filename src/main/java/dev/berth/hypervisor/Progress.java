package dev.berth.hypervisor;

/** Told how far a long piece of work on a host is. It may throw, which ends the work. */
@FunctionalInterface
public interface Progress {
    /** For work that nobody watches. */
    Progress NONE = (done, total) -> {};

    /**
     * @param done bytes so far
     * @param total bytes in all
     */
    void at(long done, long total);
}
