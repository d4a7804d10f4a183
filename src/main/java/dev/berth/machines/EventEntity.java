package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "machine_event")
class EventEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    UUID machineId;
    long generation;

    @Enumerated(EnumType.STRING)
    Operation operation;

    String step;

    @Enumerated(EnumType.STRING)
    TimelineEntry.State state;

    int attempt = 1;
    Instant startedAt;
    Instant finishedAt;
    String message = "";

    TimelineEntry toEntry() {
        return new TimelineEntry(id, generation, operation, step, state, attempt, startedAt, finishedAt, message);
    }
}
