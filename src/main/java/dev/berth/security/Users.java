package dev.berth.security;

import io.quarkus.elytron.security.common.BcryptUtil;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/** Accounts of people. */
@ApplicationScoped
public class Users {
    @ApplicationScoped
    static class UserRepository implements PanacheRepositoryBase<UserEntity, UUID> {}

    private final UserRepository users;
    private final Clock clock;

    Users(UserRepository users, Clock clock) {
        this.users = users;
        this.clock = clock;
    }

    @Transactional
    public Optional<User> find(String username) {
        return users.find("username", username).firstResultOptional().map(UserEntity::toUser);
    }

    @Transactional
    public Optional<User> byId(UUID id) {
        return users.findByIdOptional(id).map(UserEntity::toUser);
    }

    /** Makes the account unless it exists; an existing one stays as it is. */
    @Transactional
    public User ensureLocal(String username, String displayName, boolean admin, String password) {
        return find(username).orElseGet(() -> {
            UserEntity user = new UserEntity();
            user.id = UUID.randomUUID();
            user.username = username;
            user.displayName = displayName;
            user.admin = admin;
            user.passwordHash = BcryptUtil.bcryptHash(password);
            user.createdAt = clock.instant();
            users.persist(user);
            return user.toUser();
        });
    }

    @Transactional
    Optional<String> passwordHash(String username) {
        return users.find("username", username).firstResultOptional().map(user -> user.passwordHash);
    }
}
