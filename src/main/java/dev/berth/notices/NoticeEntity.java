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
@Table(name = "notice")
class NoticeEntity {
    @Id
    UUID id;

    UUID userId;

    @Enumerated(EnumType.STRING)
    Notice.Topic topic;

    String key;
    String title;
    String text;
    String path;
    boolean bell;
    Instant createdAt;
    Instant readAt;

    Told toTold() {
        return new Told(id, topic, title, text, path, createdAt, readAt);
    }
}
