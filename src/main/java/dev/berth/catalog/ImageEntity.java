package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "image")
class ImageEntity {
    @Id
    UUID id;

    String name;
    String description;
    String format;

    @Enumerated(EnumType.STRING)
    ImageState state;

    long virtualSizeBytes;
    long fileSizeBytes;
    String sha256 = "";
    String createdBy;
    Instant createdAt;
    /** What its file looked like from outside when it was last known to be good; empty as long as nobody looked. */
    String stamp = "";
    /** When its contents were last read, or null for soon. */
    Instant checkedAt;
    /** Since when somebody has been reading them, or null. */
    Instant checkBegunAt;

    String problem = "";
    String quarantinedFrom = "";

    Image toImage() {
        return new Image(
                id,
                name,
                description,
                format,
                state,
                virtualSizeBytes,
                fileSizeBytes,
                sha256,
                createdBy,
                createdAt,
                checkedAt,
                problem);
    }
}
