package dev.berth.machines;

import dev.berth.hypervisor.DomainSpec;
import dev.berth.hypervisor.SeedSpec;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A machine as the reconciler needs it: what is wanted, and all that its domain is made of.
 *
 * @param generation moves whenever something new is wanted; what was done for an older one counts no more
 * @param restart a restart still to be done, or null
 * @param resizing its domain may still start with the figures of its former size
 * @param attempt how often this generation has failed so far
 * @param provisioned whether its disk has been handed over: from then on a missing disk is a loss, not a to-do
 * @param cards all of the machine's cards; the domain is described without those that have to go
 * @param disks all of the machine's disks; the same holds for them
 * @param shares all of the directories that it shares; the same holds for them
 */
public record Task(
        UUID id,
        String hostName,
        long generation,
        Operation operation,
        Instant operationAt,
        Wanted wanted,
        Restart restart,
        boolean forceStop,
        boolean resizing,
        int attempt,
        boolean provisioned,
        boolean failed,
        boolean settled,
        List<Card> cards,
        List<MachineDisk> disks,
        List<MachineShare> shares,
        DomainSpec domain,
        SeedSpec seed) {

    /** Whether its host has something to do for a shared directory that came or goes. */
    public boolean sharesChange() {
        return shares.stream().anyMatch(share -> share.pending() || share.removing());
    }

    /** Disks that stay but that the running domain may not have, or not as they should be. */
    public List<MachineDisk> pendingDisks() {
        return disks.stream().filter(disk -> disk.pending() && !disk.removing()).toList();
    }

    /** Disks that have to go. */
    public List<MachineDisk> leavingDisks() {
        return disks.stream().filter(MachineDisk::removing).toList();
    }

    /** Cards that stay. */
    public List<Card> staying() {
        return cards.stream().filter(card -> !card.removing()).toList();
    }

    /** Cards that stay but that the running domain may not have, or not as they should be. */
    public List<Card> pending() {
        return cards.stream().filter(card -> card.pending() && !card.removing()).toList();
    }

    /** Cards that have to go. */
    public List<Card> leaving() {
        return cards.stream().filter(Card::removing).toList();
    }
}
