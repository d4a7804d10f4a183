package dev.berth.tenancy;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "ssh_key")
class SshKeyEntity {
    @Id
    UUID id;

    UUID userId;
    String name;
    String publicKey;
    String fingerprint;
    Instant createdAt;

    SshKey toKey() {
        return new SshKey(id, name, publicKey, fingerprint);
    }
}
