package dev.berth.catalog;

import dev.berth.hypervisor.Traits;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import java.util.Map;
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

    Profile toProfile(Traits traits) {
        return new Profile(id, slug, name, description, kind, traits, Map.copyOf(config), retired);
    }
}
