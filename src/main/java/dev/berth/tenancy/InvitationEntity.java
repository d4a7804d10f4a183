package dev.berth.tenancy;

import dev.berth.security.TenantRole;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "invitation")
class InvitationEntity {
    @Id
    UUID id;

    UUID tenantId;
    String email;

    @Enumerated(EnumType.STRING)
    TenantRole role;

    String invitedBy;
    Instant createdAt;
    Instant expiresAt;

    Invitation toInvitation() {
        return new Invitation(id, tenantId, email, role, invitedBy, createdAt, expiresAt);
    }
}
