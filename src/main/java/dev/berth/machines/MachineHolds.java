package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.security.Caller;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.QuotaSettings;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What machines hold of their tenant's quota as they stop and start: if admins say so, a stopped one gives back its
 * vCPUs and memory. Each call has the machine's row locked.
 */
@ApplicationScoped
class MachineHolds {
    private static final List<QuotaLine> WHILE_ON =
            List.of(QuotaLine.of(Resource.VCPUS), QuotaLine.of(Resource.MEMORY_MIB));

    private final MachineRepository machines;
    private final Tenants tenants;
    private final Quotas quotas;
    private final QuotaSettings settings;

    MachineHolds(MachineRepository machines, Tenants tenants, Quotas quotas, QuotaSettings settings) {
        this.machines = machines;
        this.tenants = tenants;
        this.quotas = quotas;
        this.settings = settings;
    }

    /** The request held the address of the machine's first card; from now on the card does. */
    void handCard(MachineEntity machine, UUID cardId, Profile network) {
        quotas.hand(machine.id, cardId, QuotaLine.addresses(network.id(), network.slug()));
    }

    /** It is off. */
    void stopped(MachineEntity machine) {
        if (settings.stoppedGiveBack()) {
            quotas.giveBack(machine.id, WHILE_ON);
        }
    }

    /**
     * It shall be on again.
     *
     * @throws dev.berth.common.ProblemException conflict when the tenant has no room for it
     */
    void starting(Caller caller, MachineEntity machine) {
        quotas.ensure(tenants.get(caller, machine.tenantSlug), machine.id, machine.ownerId, needed(machine));
    }

    /** It is on already, whatever the limits say. */
    void startedElsewhere(MachineEntity machine) {
        quotas.follow(machine.tenantId, machine.ownerId, held(machine));
    }

    /**
     * It shall have these figures, and may have its former ones until it next starts: it holds the larger of them.
     *
     * @param beside what it takes besides
     * @throws dev.berth.common.ProblemException conflict when the tenant has no room for it
     */
    void resizing(Caller caller, MachineEntity machine, Amounts beside) {
        Amounts lacking = beside;
        if (!(machine.state == MachineState.STOPPED && settings.stoppedGiveBack())) {
            Map<QuotaLine, Long> held = quotas.held(machine.id);
            Amounts most = most(machine);
            for (QuotaLine line : WHILE_ON) {
                lacking = lacking.and(line, most.get(line) - held.getOrDefault(line, 0L));
            }
        }
        quotas.raise(tenants.get(caller, machine.tenantSlug), machine.id, machine.ownerId, lacking);
    }

    /** Whoever held something for a machine does so no longer. */
    void giveBack(UUID holder) {
        quotas.release(holder);
    }

    /** It can no longer have its former figures. */
    void resized(MachineEntity machine) {
        if (!(machine.state == MachineState.STOPPED && settings.stoppedGiveBack())) {
            quotas.follow(machine.tenantId, machine.ownerId, held(machine));
        }
    }

    private static Amounts most(MachineEntity machine) {
        int formerVcpus = machine.formerVcpus == null ? 0 : machine.formerVcpus;
        long formerMemoryMib = machine.formerMemoryMib == null ? 0 : machine.formerMemoryMib;
        return Amounts.of(Resource.VCPUS, Math.max(machine.vcpus, formerVcpus))
                .and(QuotaLine.of(Resource.MEMORY_MIB), Math.max(machine.memoryMib, formerMemoryMib));
    }

    private static Amounts needed(MachineEntity machine) {
        return Amounts.of(Resource.VCPUS, machine.vcpus).and(QuotaLine.of(Resource.MEMORY_MIB), machine.memoryMib);
    }

    private static List<Quotas.Held> held(MachineEntity machine) {
        return WHILE_ON.stream()
                .map(line -> new Quotas.Held(machine.id, line, needed(machine).get(line)))
                .toList();
    }

    /** Those that are off follow what admins have just said. */
    @Transactional(Transactional.TxType.MANDATORY)
    void settingChanged(@Observes QuotaSettings.StoppedChanged changed) {
        List<MachineEntity> off = machines.find(
                        "goneAt is null and wanted = ?1 and state = ?2 and settled = true order by id",
                        Wanted.STOPPED,
                        MachineState.STOPPED)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
        for (MachineEntity machine : off) {
            if (changed.giveBack()) {
                quotas.giveBack(machine.id, WHILE_ON);
            } else {
                quotas.follow(machine.tenantId, machine.ownerId, held(machine));
            }
        }
    }
}
