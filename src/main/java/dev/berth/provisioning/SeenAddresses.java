package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.machines.Card;
import dev.berth.machines.CardStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Looks which addresses cards use. Guests may be slow to answer, so each look ends after a while, wherever it is. */
@ApplicationScoped
class SeenAddresses {
    private static final Logger LOG = Logger.getLogger(SeenAddresses.class);
    private static final Duration LONGEST = Duration.ofSeconds(3);
    private static final int CARDS = 20;
    private static final UUID FIRST = new UUID(0, 0);

    private final CardStatus status;

    /** The card that was looked at last, by host. */
    private final Map<String, UUID> last = new ConcurrentHashMap<>();

    SeenAddresses(CardStatus status) {
        this.status = status;
    }

    /** Looks at the next few cards of the host's running machines; all have their turn in time. */
    void lookOn(String hostName, Hypervisor host) {
        List<Card> cards = status.running(hostName, last.getOrDefault(hostName, FIRST), CARDS);
        int looked = look(host, cards);
        boolean round = looked == cards.size() && looked < CARDS;
        last.put(hostName, round ? FIRST : cards.get(looked - 1).id());
    }

    /** @return how many cards there was time for */
    int look(Hypervisor host, List<Card> cards) {
        long end = System.nanoTime() + LONGEST.toNanos();
        int looked = 0;
        for (Card card : cards) {
            if (System.nanoTime() > end) {
                break;
            }
            look(host, card);
            looked++;
        }
        return looked;
    }

    /** An address that is no longer seen stays until another one is, or the machine stops. */
    private void look(Hypervisor host, Card card) {
        try {
            Optional<String> address = host.seenAddress(card.spec());
            address.filter(seen -> !seen.equals(card.seenAddress()))
                    .ifPresent(seen -> status.seen(card.spec().machineId(), card.id(), seen));
        } catch (HypervisorException e) {
            LOG.debugf("No look at card %s: %s", card.spec().mac(), e.getMessage());
        }
    }
}
