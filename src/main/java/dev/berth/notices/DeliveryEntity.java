package dev.berth.notices;

import dev.berth.common.Notice;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "delivery")
class DeliveryEntity {
    @Id
    UUID id;

    UUID noticeId;
    UUID webhookId;
    UUID invitationId;

    @Enumerated(EnumType.STRING)
    Notice.Topic topic;

    String key;
    String body = "";

    @Enumerated(EnumType.STRING)
    Delivery.State state = Delivery.State.WAITING;

    int attempts;
    Instant dueAt;
    Instant claimedUntil;
    int status;
    String error = "";
    Instant createdAt;
    Instant finishedAt;

    Delivery toDelivery() {
        return new Delivery(id, topic, state, attempts, status, error, createdAt, dueAt, finishedAt, body);
    }
}
