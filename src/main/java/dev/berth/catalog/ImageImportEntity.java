package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "image_import")
class ImageImportEntity {
    @Id
    UUID id;

    String name;
    String description;
    String format;
    String url;
    String digest;
    String digestUrl;
    String signatureUrl;

    @Enumerated(EnumType.STRING)
    ImageImport.State state;

    int attempts;
    Instant dueAt;
    Instant claimedUntil;
    long doneBytes;
    long totalBytes;
    long bytesPerSecond;
    String failure = "";
    String requestedBy;
    UUID requesterId;
    Instant requestedAt;
    Instant finishedAt;

    /** What may be shown of the address. */
    String shownUrl() {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    ImageImport toImport() {
        return new ImageImport(
                id,
                name,
                format,
                shownUrl(),
                state,
                attempts,
                doneBytes,
                totalBytes,
                bytesPerSecond,
                failure,
                requestedBy,
                requestedAt,
                finishedAt);
    }
}
