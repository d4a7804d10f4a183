package dev.berth.api;

import dev.berth.machines.Operation;
import dev.berth.machines.TimelineEntry;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A step of an operation on a machine, or a note. */
@Schema(name = "Event")
public record EventView(
        long id,
        @Schema(description = "Steps of one run of an operation share it.") long generation,
        Operation operation,
        @Schema(examples = "Create the disk") String step,
        TimelineEntry.State state,
        int attempt,
        Instant startedAt,
        @Schema(nullable = true) Instant finishedAt,
        @Schema(description = "How long it took; null while it runs.", nullable = true) Long millis,
        String message) {
    static EventView of(TimelineEntry entry) {
        return new EventView(
                entry.id(),
                entry.generation(),
                entry.operation(),
                entry.step(),
                entry.state(),
                entry.attempt(),
                entry.startedAt(),
                entry.finishedAt(),
                entry.millis(),
                entry.message());
    }
}
