package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "profile_check")
@IdClass(ProfileCheckEntity.Key.class)
class ProfileCheckEntity {
    record Key(UUID profileId, UUID hostId) implements Serializable {}

    @Id
    UUID profileId;

    @Id
    UUID hostId;

    String hostName;

    @JdbcTypeCode(SqlTypes.JSON)
    List<String> problems;

    @JdbcTypeCode(SqlTypes.JSON)
    List<String> advice;

    @JdbcTypeCode(SqlTypes.JSON)
    Map<String, String> facts;

    Instant checkedAt;

    ProfileCheck toCheck() {
        return new ProfileCheck(
                profileId, hostId, hostName, List.copyOf(problems), List.copyOf(advice), Map.copyOf(facts), checkedAt);
    }
}
