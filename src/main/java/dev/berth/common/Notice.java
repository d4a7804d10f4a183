package dev.berth.common;

import java.util.UUID;

/**
 * Something that people should hear of. Whoever makes it so fires it as a CDI event in the same transaction; how it
 * reaches people (the bell, mail, webhooks) is theirs to choose and nothing that the sender knows.
 *
 * @param key says what it is about, so that telling it twice is harmless: one person is told of one key once
 * @param title one line, without a full stop
 * @param text what happened and what to do about it, in plain text
 * @param path where in the portal it is to be seen, beginning with a slash
 */
public record Notice(Topic topic, Audience audience, String key, String title, String text, String path) {
    /** What a person can switch off or on. */
    public enum Topic {
        REQUEST,
        DECISION,
        LEASE,
        QUOTA,
        TEMPLATE,
        IMAGE,
        MACHINE,
        STORAGE
    }

    /** Who is told. */
    public sealed interface Audience {
        record Person(UUID userId) implements Audience {}

        record Owners(UUID tenantId) implements Audience {}

        record Team(UUID tenantId) implements Audience {}

        record Admins() implements Audience {}
    }
}
