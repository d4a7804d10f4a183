package dev.berth.catalog;

import dev.berth.hypervisor.Traits;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** What network and storage profiles have in common. */
@MappedSuperclass
abstract class ProfileEntity {
    @Id
    UUID id;

    String slug;
    String name;
    String description = "";
    String kind;

    @JdbcTypeCode(SqlTypes.JSON)
    Map<String, String> config;

    boolean retired;
    Instant createdAt;

    @JdbcTypeCode(SqlTypes.ARRAY)
    UUID[] tenants = {};

    long version;

    Set<UUID> tenants() {
        return Set.copyOf(Arrays.asList(tenants));
    }

    void open(Set<UUID> only) {
        tenants = only.stream().sorted().toArray(UUID[]::new);
    }

    Profile toProfile(Traits traits) {
        return new Profile(id, slug, name, description, kind, traits, Map.copyOf(config), retired, tenants(), version);
    }
}
