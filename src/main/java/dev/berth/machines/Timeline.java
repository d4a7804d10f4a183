package dev.berth.machines;

import dev.berth.common.Printable;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;

/** Writes the timeline. One row for each step of a generation, however often it is tried. */
@ApplicationScoped
class Timeline {
    private final Machines.EventRepository events;
    private final Clock clock;

    Timeline(Machines.EventRepository events, Clock clock) {
        this.events = events;
        this.clock = clock;
    }

    /** @return when the step began; a failed one begins anew */
    Instant started(Task task, String step) {
        EventEntity event = find(task, step);
        if (event == null) {
            event = new EventEntity();
            event.machineId = task.id();
            event.generation = task.generation();
            event.operation = task.operation();
            event.step = step;
            event.state = TimelineEntry.State.STARTED;
            event.startedAt = clock.instant();
            events.persist(event);
        } else if (event.state == TimelineEntry.State.FAILED) {
            event.state = TimelineEntry.State.STARTED;
            event.attempt++;
            event.startedAt = clock.instant();
            event.finishedAt = null;
        }
        return event.startedAt;
    }

    void progress(Task task, String step, String message) {
        EventEntity event = find(task, step);
        if (event != null && event.state == TimelineEntry.State.STARTED) {
            event.message = Printable.of(message);
        }
    }

    void finished(Task task, String step, TimelineEntry.State state, String message) {
        EventEntity event = find(task, step);
        if (event != null && event.state != TimelineEntry.State.DONE) {
            event.state = state;
            event.finishedAt = clock.instant();
            event.message = Printable.of(message);
        }
    }

    /** Something that was seen, not done. */
    void note(MachineEntity machine, Operation operation, String step) {
        note(machine, operation, step, "");
    }

    void note(MachineEntity machine, Operation operation, String step, String message) {
        EventEntity event = new EventEntity();
        event.machineId = machine.id;
        event.generation = machine.generation;
        event.operation = operation;
        event.step = step;
        event.state = TimelineEntry.State.NOTE;
        event.message = Printable.of(message);
        event.startedAt = clock.instant();
        event.finishedAt = event.startedAt;
        events.persist(event);
    }

    private EventEntity find(Task task, String step) {
        return events.find(
                        "machineId = ?1 and generation = ?2 and step = ?3 and state <> ?4",
                        task.id(),
                        task.generation(),
                        step,
                        TimelineEntry.State.NOTE)
                .firstResult();
    }
}
