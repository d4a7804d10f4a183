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
import java.util.Set;
import java.util.UUID;
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

    @ManyToOne
    @JoinColumn(name = "image_id")
    ImageEntity image;

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
}
