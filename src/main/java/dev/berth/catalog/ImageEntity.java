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

    Image toImage() {
        return new Image(
                id, name, description, format, state, virtualSizeBytes, fileSizeBytes, sha256, createdBy, createdAt);
    }
}
