package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** Written by {@link MacPool} in plain SQL, which can do in one statement what has to be. */
@Entity
@Table(name = "mac_address")
class MacEntity {
    @Id
    String mac;

    UUID profileId;
    String networkSlug;
    String kind;
    String address;
    UUID machineId;
    String machineName;
    String tenantSlug;
    String ownerName;
    Instant givenAt;
    Instant releasedAt;

    MacAddress toMacAddress(String seenAddress) {
        return new MacAddress(
                mac,
                address == null ? seenAddress : address,
                machineName,
                tenantSlug,
                ownerName,
                networkSlug,
                kind,
                givenAt,
                releasedAt);
    }
}
