package dev.berth.fleet;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "host")
class HostEntity {
    @Id
    UUID id;

    String name;
    String uri;

    @Enumerated(EnumType.STRING)
    HostState state;

    String problem = "";
    Instant seenAt;
    String hostname = "";
    String domainType = "";
    int cpus;
    long memoryMib;
    String versions = "";
    String workerUrl = "";
    Instant createdAt;

    Host toHost() {
        return new Host(
                id, name, uri, state, problem, seenAt, hostname, domainType, cpus, memoryMib, versions, workerUrl);
    }
}
