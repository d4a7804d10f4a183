package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.fleet.Load;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** What people do with machines. Each verb says what is wanted and queues the work; the reconciler does it. */
@ApplicationScoped
public class Machines {
    @ApplicationScoped
    static class DiskRepository implements PanacheRepositoryBase<DiskEntity, UUID> {}

    @ApplicationScoped
    static class EventRepository implements PanacheRepositoryBase<EventEntity, Long> {}

    private final MachineRepository machines;
    private final DiskRepository disks;
    private final EventRepository events;
    private final MoveRows moves;
    private final Disks dataDisks;
    private final StorageLimits limits;
    private final MachineHolds holds;
    private final Addresses addresses;
    private final StorageRoom room;
    private final Devices devices;
    private final Snapshots snapshots;
    private final Hosts hosts;
    private final ImageFigures images;
    private final MachineQueue queue;
    private final Audit audit;
    private final Clock clock;

    Machines(
            MachineRepository machines,
            DiskRepository disks,
            EventRepository events,
            MoveRows moves,
            Disks dataDisks,
            StorageLimits limits,
            MachineHolds holds,
            Addresses addresses,
            StorageRoom room,
            Devices devices,
            Snapshots snapshots,
            Hosts hosts,
            ImageFigures images,
            MachineQueue queue,
            Audit audit,
            Clock clock) {
        this.machines = machines;
        this.disks = disks;
        this.events = events;
        this.moves = moves;
        this.dataDisks = dataDisks;
        this.limits = limits;
        this.holds = holds;
        this.addresses = addresses;
        this.room = room;
        this.devices = devices;
        this.snapshots = snapshots;
        this.hosts = hosts;
        this.images = images;
        this.queue = queue;
        this.audit = audit;
        this.clock = clock;
    }

    /** Machines that are not gone, of the caller's tenants. */
    @Transactional
    public Page<Machine> list(Caller caller, MachineList list, int limit, String cursor) {
        List<Machine> rows = machines.list(caller, list, limit, cursor).stream()
                .map(MachineEntity::toMachine)
                .toList();
        return Page.of(rows, limit, machine -> MachineRepository.cursor(list.sort(), machine));
    }

    /** Those of these machines that are in the tenant and not gone, by name. */
    @Transactional
    public List<Machine> list(Caller caller, UUID tenantId, Collection<UUID> ids) {
        if (!caller.sees(tenantId)) {
            throw ProblemException.notFound("tenant");
        }
        return machines.find("id in ?1 and tenantId = ?2 and goneAt is null order by name", ids, tenantId).stream()
                .map(MachineEntity::toMachine)
                .toList();
    }

    /** @throws ProblemException not found, also when it belongs to a tenant that is not the caller's */
    @Transactional
    public Machine get(Caller caller, UUID id) {
        return machines.visible(caller, id)
                .map(MachineEntity::toMachine)
                .orElseThrow(() -> ProblemException.notFound("machine"));
    }

    /** Those of these that there are, gone or not, by id: for Berth itself. */
    @Transactional
    public Map<UUID, Machine> find(Collection<UUID> ids) {
        return ids.isEmpty()
                ? Map.of()
                : machines.find("id in ?1", ids).stream()
                        .map(MachineEntity::toMachine)
                        .collect(Collectors.toMap(Machine::id, machine -> machine));
    }

    /** Whether a machine that is not gone has this name in the tenant. */
    @Transactional
    public boolean nameTaken(UUID tenantId, String name) {
        return machines.count("tenantId = ?1 and name = ?2 and goneAt is null", tenantId, name) > 0;
    }

    /** The timeline, newest operation first, the steps of one operation in their order. */
    @Transactional
    public List<TimelineEntry> timeline(Caller caller, UUID id) {
        get(caller, id);
        return events.find("machineId = ?1 order by generation desc, id", id).page(0, 200).stream()
                .map(EventEntity::toEntry)
                .toList();
    }

    /** The machine's disks, the system disk first. */
    @Transactional
    public List<Disk> disks(Caller caller, UUID id) {
        return dataDisks.list(caller, id);
    }

    /** Makes the machine's rows, chooses its host and addresses, and queues its provisioning. */
    @Transactional(Transactional.TxType.MANDATORY)
    public Machine create(NewMachine wish) {
        Optional<Snapshots.Source> source =
                Optional.ofNullable(wish.snapshotId()).map(snapshots::hold);
        Host host =
                hosts.place(wish.size().vcpus(), wish.size().memoryMib(), this::loads, () -> unfitHosts(wish, source));
        MachineEntity machine = new MachineEntity();
        machine.id = wish.id();
        machine.tenantId = wish.tenantId();
        machine.tenantSlug = wish.tenantSlug();
        machine.ownerId = wish.ownerId();
        machine.ownerName = wish.ownerName();
        machine.name = wish.name();
        machine.revisionId = wish.revision().id();
        machine.templateName = wish.templateName();
        machine.revisionNumber = wish.revision().number();
        machine.sizeName = wish.size().name();
        machine.vcpus = wish.size().vcpus();
        machine.memoryMib = wish.size().memoryMib();
        machine.diskGib = wish.size().diskGib();
        machine.hostId = host.id();
        machine.hostName = host.name();
        machine.sshKeys = String.join("\n", wish.sshKeys());
        machine.userData = wish.userData();
        machine.wanted = Wanted.RUNNING;
        machine.operation = Operation.CREATE;
        machine.operationAt = clock.instant();
        machine.createdAt = clock.instant();
        machine.lease(clock.instant().plus(Duration.ofHours(wish.leaseHours())), clock.instant());
        machine.deriveState();
        machines.persist(machine);
        if (wish.storage() != null) {
            makeSystemDisk(machine, wish, source);
        }
        machines.flush();
        UUID card = UUID.randomUUID();
        addresses.allocate(machine, wish.network(), card, 0);
        holds.handCard(machine, card, wish.network());
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
        return machine.toMachine();
    }

    private void makeSystemDisk(MachineEntity machine, NewMachine wish, Optional<Snapshots.Source> source) {
        DiskEntity disk = new DiskEntity();
        disk.id = UUID.randomUUID();
        disk.volume = machine.id;
        disk.tenantId = machine.tenantId;
        disk.tenantSlug = machine.tenantSlug;
        disk.hostId = machine.hostId;
        disk.hostName = machine.hostName;
        disk.name = "system";
        disk.createdAt = machine.createdAt;
        disk.machineId = machine.id;
        disk.storageProfileId = wish.storage().id();
        disk.storageSlug = wish.storage().slug();
        disk.target = DiskEntity.SYSTEM_TARGET;
        disk.sizeGib = wish.size().diskGib();
        if (source.isPresent()) {
            disk.snapshotId = source.get().snapshotId();
        } else {
            disk.imageId = wish.revision().boot().image().id();
        }
        if (devices.handedOut(wish.storage())) {
            disk.place = devices.claim(wish.storage(), machine.hostId, disk.sizeGib, disk.volume);
        }
        limits.requireRoom(machine.hostId, wish.storage(), disk.sizeGib);
        disks.persist(disk);
    }

    /** A clone's disk is copied where the snapshot lies. */
    private Map<UUID, String> unfitHosts(NewMachine wish, Optional<Snapshots.Source> source) {
        Map<UUID, String> unfit = new HashMap<>(addresses.unfitHosts(wish.network()));
        if (wish.storage() != null) {
            room.unfitHosts(wish.storage(), wish.size().diskGib())
                    .forEach((host, why) -> unfit.merge(host, why, (one, other) -> one + " and " + other));
        }
        source.ifPresent(snapshot -> hosts.list().stream()
                .filter(host -> !host.id().equals(snapshot.hostId()))
                .forEach(host -> unfit.put(host.id(), "does not have the snapshot")));
        return unfit;
    }

    /** What the machines on each host have been promised, by the host's id. */
    @Transactional
    public Map<UUID, Load> loads() {
        Map<UUID, Load> loads = new HashMap<>();
        machines.getEntityManager()
                .createQuery(
                        "select hostId, sum(greatest(vcpus, coalesce(formerVcpus, 0))), sum(greatest(memoryMib, coalesce(formerMemoryMib, 0L)))"
                                + " from MachineEntity where goneAt is null group by hostId",
                        Object[].class)
                .getResultList()
                .forEach(row -> loads.put((UUID) row[0], new Load((Long) row[1], (Long) row[2])));
        return loads;
    }

    @Transactional
    public Machine start(Caller caller, UUID id) {
        MachineEntity machine = machines.forChange(caller, id);
        if (machine.wanted == Wanted.RUNNING && machine.state != MachineState.FAILED) {
            return machine.toMachine();
        }
        requireNot(machine, MachineState.DELETING);
        refuseEnded(machine);
        images.refuseStart(machine);
        moves.starting(id);
        holds.starting(caller, machine);
        machine.wanted = Wanted.RUNNING;
        return change(caller, machine, Operation.START, Map.of());
    }

    /** @param force pull the plug instead of asking the guest first */
    @Transactional
    public Machine stop(Caller caller, UUID id, boolean force) {
        MachineEntity machine = machines.forChange(caller, id);
        if (machine.wanted == Wanted.STOPPED
                && machine.state != MachineState.FAILED
                && (!force || machine.forceStop || machine.state == MachineState.STOPPED)) {
            return machine.toMachine();
        }
        requireNot(machine, MachineState.DELETING, MachineState.PROVISIONING);
        machine.wanted = Wanted.STOPPED;
        machine.restart = "";
        machine.forceStop = force;
        return change(caller, machine, Operation.STOP, Map.of("force", force));
    }

    @Transactional
    public Machine restart(Caller caller, UUID id, Restart how) {
        MachineEntity machine = machines.forChange(caller, id);
        if (machine.state != MachineState.RUNNING && machine.state != MachineState.RESTARTING) {
            throw ProblemException.conflict(
                    "wrong-state", "Only a running machine can be restarted; this one is " + words(machine) + ".");
        }
        machine.restart = how.name();
        return change(caller, machine, how == Restart.REBOOT ? Operation.REBOOT : Operation.RESET, Map.of());
    }

    /** Tries again what failed for good. */
    @Transactional
    public Machine retry(Caller caller, UUID id) {
        MachineEntity machine = machines.forChange(caller, id);
        if (machine.state != MachineState.FAILED) {
            throw ProblemException.conflict(
                    "wrong-state", "There is nothing to try again; the machine is " + words(machine) + ".");
        }
        if (machine.wanted == Wanted.RUNNING) {
            refuseEnded(machine);
        }
        Operation again = machine.operation;
        if (again == Operation.OBSERVE) {
            again = machine.wanted == Wanted.RUNNING ? Operation.START : Operation.STOP;
        }
        return change(caller, machine, again, Map.of("retry", true));
    }

    /** Deletes a machine; its data disks are kept by themselves. */
    @Transactional
    public Machine delete(Caller caller, UUID id) {
        return delete(caller, id, false);
    }

    /** @param withDisks its data disks go with it, and everything on them */
    @Transactional
    public Machine delete(Caller caller, UUID id, boolean withDisks) {
        MachineEntity machine = machines.forChange(caller, id);
        if (machine.wanted == Wanted.GONE && machine.state != MachineState.FAILED) {
            return machine.toMachine();
        }
        snapshots.refuseIfCloning(id);
        if (withDisks) {
            dataDisks.deleteWith(caller, machine);
        }
        machine.wanted = Wanted.GONE;
        machine.restart = "";
        return change(caller, machine, Operation.DELETE, Map.of("withDisks", withDisks));
    }

    private Machine change(Caller caller, MachineEntity machine, Operation operation, Map<String, ?> detail) {
        machine.want(operation, clock.instant());
        audit.record(
                caller, "machine." + operation.name().toLowerCase(java.util.Locale.ROOT), subject(machine), detail);
        // The row must be written (and so locked) before the queue is looked at: see the queue on completion.
        machines.flush();
        queue.enqueue(machine.id, machine.hostName);
        return machine.toMachine();
    }

    private static void refuseEnded(MachineEntity machine) {
        if (machine.leaseState == LeaseState.GRACE) {
            throw ProblemException.conflict(
                    "lease-ended", "Its lease has ended. Keep the machine by extending the lease, then start it.");
        }
    }

    static void requireNot(MachineEntity machine, MachineState... states) {
        for (MachineState state : states) {
            if (machine.state == state) {
                throw ProblemException.conflict(
                        "wrong-state", "That can't be done while the machine is " + words(machine) + ".");
            }
        }
    }

    private static String words(MachineEntity machine) {
        return machine.state.label().toLowerCase(java.util.Locale.ROOT);
    }

    static Audit.Subject subject(MachineEntity machine) {
        return new Audit.Subject("machine", machine.id, machine.name, machine.tenantId, machine.tenantSlug);
    }
}
