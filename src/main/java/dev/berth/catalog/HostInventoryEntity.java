package dev.berth.catalog;

import dev.berth.hypervisor.HostStorage;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "host_inventory")
class HostInventoryEntity {
    @Id
    UUID hostId;

    String hostName;

    @JdbcTypeCode(SqlTypes.JSON)
    HostStorage storage;

    Instant seenAt;
}
