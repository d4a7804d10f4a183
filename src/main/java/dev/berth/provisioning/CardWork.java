package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.machines.Card;
import dev.berth.machines.CardStatus;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings a machine's network cards to what is wanted, while it runs or while it is off. Repeats without harm. */
@ApplicationScoped
class CardWork {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final Steps steps;
    private final MachineStatus status;
    private final CardStatus cardStatus;
    private final HostPorts ports;
    private final ProvisioningConfig config;
    private final Clock clock;

    CardWork(
            Steps steps,
            MachineStatus status,
            CardStatus cardStatus,
            HostPorts ports,
            ProvisioningConfig config,
            Clock clock) {
        this.steps = steps;
        this.status = status;
        this.cardStatus = cardStatus;
        this.ports = ports;
        this.config = config;
        this.clock = clock;
    }

    /** Puts pending cards into the running domain, and what its profile says into those that are there. */
    void plug(Hypervisor host, Task task) throws StepException {
        if (task.pending().isEmpty()) {
            return;
        }
        steps.run(host, task, Step.CARD_NETWORK);
        steps.run(host, task, Step.CARD_ADDRESS);
        steps.run(host, task, Step.CARD_DEFINE);
        List<Card> plugged = new ArrayList<>();
        List<Card> refused = new ArrayList<>();
        steps.run(task, Step.CARD_PLUG, () -> {
            task.pending().forEach(card -> (plugged(host, card) ? plugged : refused).add(card));
            return refused.isEmpty() ? "" : "The host can't do this while the machine runs: at its next start.";
        });
        cardStatus.plugged(task, plugged);
        cardStatus.atNextStart(task, refused);
    }

    /** False if libvirt can't do it while the machine runs; the definition has it already. */
    private static boolean plugged(Hypervisor host, Card card) {
        try {
            host.attachNic(card.spec());
            return true;
        } catch (HypervisorException e) {
            if (e.reason() == Reason.REJECTED) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Takes leaving cards out of the domain, which needs the guest's help if it was on before, and forgets them.
     *
     * @return when to ask again because the guest has not let go yet
     */
    Optional<Duration> unplug(Hypervisor host, Task task, boolean on) throws StepException {
        if (task.leaving().isEmpty()) {
            return Optional.empty();
        }
        List<Card> held = List.of();
        if (on) {
            steps.run(host, task, Step.CARD_DEFINE);
            Instant begun = status.stepStarted(task, Step.CARD_UNPLUG.label());
            held = stillHeld(host, task);
            if (!held.isEmpty() && begun.plus(config.detachPatience()).isAfter(clock.instant())) {
                return Optional.of(ASK_AGAIN);
            }
            String message = held.isEmpty() ? "" : "The guest does not let go; the card goes when it next stops.";
            steps.run(task, Step.CARD_UNPLUG, () -> message);
            cardStatus.held(task, held);
        }
        List<Card> free = new ArrayList<>(task.leaving());
        free.removeAll(held);
        release(host, task, free);
        return Optional.empty();
    }

    private static List<Card> stillHeld(Hypervisor host, Task task) throws StepException {
        List<Card> held = new ArrayList<>();
        try {
            for (Card card : task.leaving()) {
                if (!host.detachNic(card.spec())) {
                    held.add(card);
                }
            }
            return held;
        } catch (HypervisorException e) {
            throw new StepException(Step.CARD_UNPLUG.label(), e);
        }
    }

    private void release(Hypervisor host, Task task, List<Card> cards) throws StepException {
        if (!cards.isEmpty()) {
            steps.run(task, Step.CARD_RELEASE, () -> {
                // Their ports are no rows any more: none may lead to whoever gets an address next.
                ports.apply(task.hostName());
                cards.forEach(card -> host.removeNic(card.spec()));
                return "";
            });
            cardStatus.gone(task, cards);
        }
    }

    /** The domain is off: its definition is all there is to change. */
    void whileOff(Hypervisor host, Task task) throws StepException {
        if (task.pending().isEmpty() && task.leaving().isEmpty()) {
            return;
        }
        if (!task.pending().isEmpty()) {
            steps.run(host, task, Step.CARD_NETWORK);
            steps.run(host, task, Step.CARD_ADDRESS);
        }
        steps.run(host, task, Step.CARD_DEFINE);
        cardStatus.plugged(task, task.pending());
        release(host, task, task.leaving());
    }
}
