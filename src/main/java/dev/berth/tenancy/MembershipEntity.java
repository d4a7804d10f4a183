package dev.berth.tenancy;

import dev.berth.security.TenantRole;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.UUID;

@Entity
@Table(name = "membership")
@IdClass(MembershipEntity.Key.class)
class MembershipEntity {
    record Key(UUID tenantId, UUID userId) implements Serializable {}

    @Id
    UUID tenantId;

    @Id
    UUID userId;

    @Enumerated(EnumType.STRING)
    TenantRole role;
}
