package dev.berth.security;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "app_user")
class UserEntity {
    @Id
    UUID id;

    String username;
    String displayName;
    boolean admin;
    boolean auditor;
    String passwordHash;
    Instant createdAt;
    boolean disabled;
    String email = "";
    boolean emailVerified;
    String confirmedEmail = "";
    String issuer;
    String subject;
    String claimsDigest;

    private boolean isConfirmed() {
        return !email.isEmpty() && (emailVerified || email.equals(confirmedEmail));
    }

    User toUser() {
        return new User(id, username, displayName, admin, auditor, disabled, email, isConfirmed(), issuer != null);
    }
}
