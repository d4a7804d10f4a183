package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.DomainXml;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What people do with the directories that machines share. Each verb says what is wanted and queues the work; a machine
 * gets or loses a directory when it is next started.
 */
@ApplicationScoped
public class Shares {
    private final MachineRepository machines;
    private final ShareRows shares;
    private final Templates templates;
    private final StorageProfiles storage;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Shares(
            MachineRepository machines,
            ShareRows shares,
            Templates templates,
            StorageProfiles storage,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.shares = shares;
        this.templates = templates;
        this.storage = storage;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** The directories that the machine shares, by name. */
    @Transactional
    public List<Share> list(Caller caller, UUID machineId) {
        return views(shares.of(visible(caller, machineId).id));
    }

    /** The storage profiles whose directories the machine may share, without those it has. */
    @Transactional
    public List<Profile> offered(Caller caller, UUID machineId) {
        MachineEntity machine = visible(caller, machineId);
        List<UUID> has = shares.of(machineId).stream()
                .filter(share -> !share.removing)
                .map(share -> share.storageProfileId)
                .toList();
        return offered(machine.revisionId, machine.tenantId).stream()
                .filter(profile -> !has.contains(profile.id()))
                .toList();
    }

    private List<Profile> offered(UUID revisionId, UUID tenantId) {
        return templates.sharesFor(revisionId).stream()
                .filter(profile -> profile.usableBy(tenantId))
                .toList();
    }

    /** Shares a directory with the machine; one that it has already stays. */
    @Transactional
    public Share add(Caller caller, UUID machineId, String storageSlug) {
        // The profile before the machine, as whoever changes a profile's settings holds it when the machines follow.
        var origin = machines.origin(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
        Profile profile = offered(origin.revisionId(), origin.tenantId()).stream()
                .filter(one -> one.slug().equals(storageSlug))
                .findFirst()
                .map(one -> storage.forUse(one.id()))
                .orElseThrow(() -> ProblemException.invalid(
                        "storage", "Choose one of the shared directories that the machine's template offers."));
        MachineEntity machine = forChange(caller, machineId);
        ShareEntity share = shares.find("machineId = ?1 and storageProfileId = ?2", machineId, profile.id())
                .firstResult();
        if (share != null && !share.removing) {
            return view(share);
        }
        if (storage.hostsThatCannot(profile.id()).contains(machine.hostId)) {
            throw ProblemException.conflict(
                    "no-storage-host",
                    "The machine's host, " + machine.hostName + ", can't offer " + profile.slug()
                            + ", as its last check says. Choose another directory or ask an admin.");
        }
        if (share == null) {
            share = make(machine, profile);
        }
        share.removing = false;
        share.pending = true;
        share.note = "";
        changed(caller, machine, "machine.add-share", share);
        return view(share);
    }

    private ShareEntity make(MachineEntity machine, Profile profile) {
        if (shares.count("machineId", machine.id) >= DomainXml.MOST_SHARES) {
            throw ProblemException.conflict(
                    "too-many-shares",
                    "A machine has at most " + DomainXml.MOST_SHARES
                            + " shared directories. Remove one first and start the machine anew.");
        }
        ShareEntity share = new ShareEntity();
        share.id = UUID.randomUUID();
        share.machineId = machine.id;
        share.storageProfileId = profile.id();
        share.storageSlug = profile.slug();
        share.createdAt = clock.instant();
        shares.persist(share);
        return share;
    }

    /** Shares the directory with the machine no longer. What is in it stays on the host. */
    @Transactional
    public Share remove(Caller caller, UUID machineId, UUID shareId) {
        MachineEntity machine = forChange(caller, machineId);
        ShareEntity share = shares.findByIdOptional(shareId)
                .filter(one -> one.machineId.equals(machineId))
                .orElseThrow(() -> ProblemException.notFound("shared directory"));
        if (!share.removing) {
            share.removing = true;
            share.pending = false;
            share.note = "";
            changed(caller, machine, "machine.remove-share", share);
        }
        return view(share);
    }

    private void changed(Caller caller, MachineEntity machine, String action, ShareEntity share) {
        machine.wantAlso(Operation.DISKS, clock.instant());
        audit.record(caller, action, Machines.subject(machine), Map.of("storage", share.storageSlug));
        // The rows must be written (and so locked) before the queue is looked at: see the queue on completion.
        shares.flush();
        queue.enqueue(machine.id, machine.hostName);
    }

    private MachineEntity forChange(Caller caller, UUID machineId) {
        MachineEntity machine = machines.forChange(caller, machineId);
        if (machine.wanted == Wanted.GONE) {
            throw ProblemException.conflict("wrong-state", "That can't be done while the machine is being deleted.");
        }
        return machine;
    }

    private MachineEntity visible(Caller caller, UUID machineId) {
        return machines.visible(caller, machineId).orElseThrow(() -> ProblemException.notFound("machine"));
    }

    private Share view(ShareEntity share) {
        return views(List.of(share)).get(0);
    }

    private List<Share> views(Collection<ShareEntity> rows) {
        Map<UUID, Profile> profiles = shares.profiles(rows);
        return rows.stream()
                .map(share -> {
                    Profile profile = profiles.get(share.storageProfileId);
                    return new Share(share.id, profile, storage.mount(profile), share.state(), share.note);
                })
                .toList();
    }
}
