package dev.berth.notices;

import dev.berth.common.Notice;
import java.time.Instant;
import java.util.UUID;

/**
 * What one person was told.
 *
 * @param path where it is to be seen
 * @param readAt null for unread
 */
public record Told(
        UUID id, Notice.Topic topic, String title, String text, String path, Instant createdAt, Instant readAt) {
    public boolean unread() {
        return readAt == null;
    }
}
