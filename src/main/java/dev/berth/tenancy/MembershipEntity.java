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

    /** What holds: the higher of the two below, of which one may be null. */
    @Enumerated(EnumType.STRING)
    TenantRole role;

    /** Given here, by an owner or an admin. */
    @Enumerated(EnumType.STRING)
    TenantRole given;

    /** Given by the identity provider, as long as it says so. */
    @Enumerated(EnumType.STRING)
    TenantRole provided;

    void give(TenantRole here) {
        given = here;
        settle();
    }

    void provide(TenantRole there) {
        provided = there;
        settle();
    }

    private void settle() {
        role = given == TenantRole.OWNER || provided == TenantRole.OWNER ? TenantRole.OWNER : TenantRole.MEMBER;
    }

    boolean empty() {
        return given == null && provided == null;
    }
}
