package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "size")
class SizeEntity {
    @Id
    UUID id;

    String slug;
    String name;
    int vcpus;
    long memoryMib;
    long diskGib;
    boolean retired;
    Instant createdAt;

    Size toSize() {
        return new Size(id, slug, name, vcpus, memoryMib, diskGib, retired);
    }
}
