package dev.berth.tenancy;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "tenant")
class TenantEntity {
    @Id
    UUID id;

    String slug;
    String name;
    Instant createdAt;

    Tenant toTenant() {
        return new Tenant(id, slug, name);
    }
}
