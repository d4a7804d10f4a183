package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.JoinTable;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.hibernate.annotations.BatchSize;

@Entity
@Table(name = "template_revision")
class RevisionEntity {
    @Id
    UUID id;

    UUID templateId;
    int number;

    @Enumerated(EnumType.STRING)
    RevisionState state;

    @Enumerated(EnumType.STRING)
    Boot.From boot;

    /** Null where machines have no disk. */
    @ManyToOne
    @JoinColumn(name = "image_id")
    ImageEntity image;

    @ManyToOne
    @JoinColumn(name = "kernel_id")
    ImageEntity kernel;

    @ManyToOne
    @JoinColumn(name = "initrd_id")
    ImageEntity initrd;

    String commandLine = "";

    @ManyToMany
    @BatchSize(size = 100)
    @JoinTable(
            name = "template_revision_size",
            joinColumns = @JoinColumn(name = "revision_id"),
            inverseJoinColumns = @JoinColumn(name = "size_id"))
    Set<SizeEntity> sizes;

    @ManyToMany
    @BatchSize(size = 100)
    @JoinTable(
            name = "template_revision_network",
            joinColumns = @JoinColumn(name = "revision_id"),
            inverseJoinColumns = @JoinColumn(name = "profile_id"))
    Set<NetworkProfileEntity> networks;

    @ManyToMany
    @BatchSize(size = 100)
    @JoinTable(
            name = "template_revision_storage",
            joinColumns = @JoinColumn(name = "revision_id"),
            inverseJoinColumns = @JoinColumn(name = "profile_id"))
    Set<StorageProfileEntity> storage;

    String notes;
    String createdBy;
    Instant createdAt;
    String decidedBy;
    Instant decidedAt;

    /** The files in the library that it takes. */
    List<ImageEntity> files() {
        return Stream.of(image, kernel, initrd).filter(file -> file != null).toList();
    }

    Boot toBoot() {
        return new Boot(boot, view(image), view(kernel), view(initrd), commandLine);
    }

    private static Image view(ImageEntity file) {
        return file == null ? null : file.toImage();
    }
}
