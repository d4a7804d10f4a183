package dev.berth.requests;

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
@Table(name = "request_event")
class RequestEventEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    UUID requestId;
    Instant at;

    @Enumerated(EnumType.STRING)
    RequestEvent.Deed deed;

    String username;
    String message = "";

    RequestEvent toEvent() {
        return new RequestEvent(at, deed, username, message);
    }
}
