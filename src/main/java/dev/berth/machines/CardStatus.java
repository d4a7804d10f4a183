package dev.berth.machines;

import dev.berth.tenancy.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** How cards' rows follow the work on them. For the worker, in short transactions as in {@link MachineStatus}. */
@ApplicationScoped
public class CardStatus {
    /** A machine that runs, its cards: for looking at addresses. */
    private static final String RUNNING =
            """
            select m, n from NicEntity n join MachineEntity m on m.id = n.machineId
             where m.hostName = :host and m.goneAt is null and m.settled and m.seen = :seen and not n.removing
               and n.id > :after order by n.id""";

    private final MachineRepository machines;
    private final Addresses.NicRepository nics;
    private final CardSpecs specs;
    private final MacPool macs;
    private final Forwards forwards;
    private final Quotas quotas;

    CardStatus(
            MachineRepository machines,
            Addresses.NicRepository nics,
            CardSpecs specs,
            MacPool macs,
            Forwards forwards,
            Quotas quotas) {
        this.machines = machines;
        this.nics = nics;
        this.specs = specs;
        this.macs = macs;
        this.forwards = forwards;
        this.quotas = quotas;
    }

    /** The domain has these cards as they should be. */
    @Transactional
    public void plugged(Task task, Collection<Card> cards) {
        note(task, cards, false, "");
    }

    /** The domain gets these cards when it next starts. */
    @Transactional
    public void atNextStart(Task task, Collection<Card> cards) {
        note(task, cards, true, "Takes effect at the next start.");
    }

    /** The guest does not let go of these cards. */
    @Transactional
    public void held(Task task, Collection<Card> cards) {
        note(task, cards, false, "The guest still holds this card; it goes when the machine next stops.");
    }

    private void note(Task task, Collection<Card> cards, boolean pending, String note) {
        if (!cards.isEmpty()) {
            update(task, machine -> nics.update("pending = ?1, note = ?2 where id in ?3", pending, note, ids(cards)));
        }
    }

    /** Nothing of these cards is left on the host: their addresses are free again, their MAC addresses rest. */
    @Transactional
    public void gone(Task task, Collection<Card> cards) {
        update(task, machine -> {
            // Whoever opened a port while the card was on its way out.
            quotas.release(holders(ids(cards)));
            cards.forEach(card -> forwards.forget(card.id()));
            nics.delete("id in ?1 and removing = true", ids(cards));
            macs.release(cards.stream().map(card -> card.spec().mac()).toList());
            machine.address = firstAddress(machine);
        });
    }

    /** An address was seen on a card of a running machine; the first card's is the machine's. */
    @Transactional
    public void seen(UUID machineId, UUID cardId, String address) {
        MachineEntity machine = machines.findById(machineId, LockModeType.PESSIMISTIC_WRITE);
        if (machine == null || machine.goneAt != null || machine.seen != Seen.RUNNING) {
            return;
        }
        nics.update("seenAddress = ?1 where id = ?2 and seenAddress <> ?1", address, cardId);
        machine.address = firstAddress(machine);
    }

    private String firstAddress(MachineEntity machine) {
        return nics.getEntityManager()
                .createQuery(
                        "select seenAddress from NicEntity where machineId = :machine and not removing order by"
                                + " position",
                        String.class)
                .setParameter("machine", machine.id)
                .setMaxResults(1)
                .getResultStream()
                .findFirst()
                .orElse("");
    }

    /** Some cards of the host's running machines, in the order of their ids. */
    @Transactional
    public List<Card> running(String hostName, UUID after, int limit) {
        List<Object[]> rows = nics.getEntityManager()
                .createQuery(RUNNING, Object[].class)
                .setParameter("host", hostName)
                .setParameter("seen", Seen.RUNNING)
                .setParameter("after", after)
                .setMaxResults(limit)
                .getResultList();
        return specs.ofRows(rows);
    }

    /** The cards, and the ports that lead to them. */
    private List<UUID> holders(List<UUID> cards) {
        List<UUID> holders = new ArrayList<>(cards);
        if (!cards.isEmpty()) {
            holders.addAll(nics.getEntityManager()
                    .createQuery("select id from ForwardEntity where nicId in :cards", UUID.class)
                    .setParameter("cards", cards)
                    .getResultList());
        }
        return holders;
    }

    private void update(Task task, Consumer<MachineEntity> change) {
        machines.stillWanting(task).ifPresent(machine -> {
            change.accept(machine);
            machine.deriveState();
        });
    }

    private static List<UUID> ids(Collection<Card> cards) {
        return cards.stream().map(Card::id).toList();
    }
}
