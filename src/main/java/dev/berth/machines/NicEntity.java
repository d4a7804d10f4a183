package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

@Entity
@Table(name = "nic")
class NicEntity {
    @Id
    UUID id;

    UUID machineId;
    UUID networkProfileId;
    String networkSlug;
    int position;
    String mac;
    String address;
}
