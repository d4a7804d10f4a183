package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "template")
class TemplateEntity {
    @Id
    UUID id;

    String slug;
    String name;
    String description;
    int autoVcpus;
    long autoMemoryMib;
    long autoDiskGib;
    int autoLeaseHours;
    int maxLeaseHours;
    Instant createdAt;

    Policy policy() {
        return new Policy(autoVcpus, autoMemoryMib, autoDiskGib, autoLeaseHours, maxLeaseHours);
    }

    void setPolicy(Policy policy) {
        autoVcpus = policy.maxVcpus();
        autoMemoryMib = policy.maxMemoryMib();
        autoDiskGib = policy.maxDiskGib();
        autoLeaseHours = policy.maxLeaseHours();
        maxLeaseHours = policy.longestLeaseHours();
    }
}
