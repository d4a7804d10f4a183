package dev.berth.security;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "login")
class LoginEntity {
    @Id
    String id;

    UUID userId;
    Instant begunAt;
    Instant seenAt;
    Instant endedAt;
    String address;
    String agent;
    String session;

    Login toLogin() {
        return new Login(id, userId, begunAt, seenAt, address, agent);
    }
}
