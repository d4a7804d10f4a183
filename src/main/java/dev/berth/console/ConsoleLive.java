package dev.berth.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.machines.Machine;
import dev.berth.security.Caller;
import dev.berth.tenancy.Standing.Holder;
import dev.berth.tenancy.Streams;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Tells the consoles' pages who is connected, each time that changes. */
@ApplicationScoped
class ConsoleLive {
    private static final Logger LOG = Logger.getLogger(ConsoleLive.class);
    /** Said to nobody: ends a stream. */
    private static final String END = "end";

    private static final int MAX_WAITING = 64;

    private record Subscriber(MultiEmitter<? super String> emitter, Caller caller, Machine machine) {}

    private final OpenConsoles open;
    private final Streams streams;
    private final ObjectMapper json;
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();

    ConsoleLive(OpenConsoles open, Streams streams, ObjectMapper json) {
        this.open = open;
        this.streams = streams;
        this.json = json;
    }

    /** Who is connected right now, as JSON. */
    String now(Caller caller, Machine machine) {
        return text(OpenConsoles.shown(open.of(machine.id()), caller, machine));
    }

    /**
     * Who is connected, as JSON, and again whenever it changes, until the page goes away.
     *
     * @throws dev.berth.common.ProblemException when too many streams are open
     */
    Multi<String> people(Holder holder, Caller caller, Machine machine) {
        streams.requireRoom(holder.userId());
        Multi<String> people = Multi.createFrom()
                .emitter(
                        emitter -> {
                            Subscriber subscriber = new Subscriber(emitter, caller, machine);
                            Streams.Open stream = new Streams.Open(
                                    holder, now -> now.sees(machine.tenantId()), () -> emitter.emit(END));
                            emitter.onTermination(() -> {
                                subscribers.remove(subscriber);
                                streams.remove(stream);
                            });
                            if (streams.add(stream)) {
                                subscribers.add(subscriber);
                                // Not here: whoever subscribes may be a thread that must not wait.
                                Infrastructure.getDefaultWorkerPool().execute(() -> begin(subscriber));
                            } else {
                                emitter.emit(END);
                            }
                        },
                        BackPressureStrategy.IGNORE);
        return Multi.createBy()
                .merging()
                .streams(people.onOverflow().buffer(MAX_WAITING), streams.beats())
                .select()
                .first(text -> !text.equals(END))
                .select()
                .first(streams.lifetime())
                .onFailure()
                .recoverWithCompletion();
    }

    private void begin(Subscriber subscriber) {
        try {
            tell(subscriber.machine().id());
        } catch (RuntimeException e) {
            LOG.warnf("A page was not told who is connected: %s", e);
            subscriber.emitter().emit(END);
        }
    }

    /** @param machineId the one where somebody came or went; empty when something may have been missed */
    void changed(String machineId) {
        subscribers.stream()
                .map(subscriber -> subscriber.machine().id())
                .distinct()
                .filter(id -> machineId.isEmpty() || id.toString().equals(machineId))
                .forEach(this::tell);
    }

    /** One at a time, so that nothing old is told after something new. */
    private synchronized void tell(UUID machineId) {
        List<Connected> people = open.of(machineId);
        for (Subscriber subscriber : subscribers) {
            if (subscriber.machine().id().equals(machineId)) {
                subscriber.emitter().emit(text(OpenConsoles.shown(people, subscriber.caller(), subscriber.machine())));
            }
        }
    }

    private String text(List<Connected> people) {
        try {
            return json.writeValueAsString(people);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
