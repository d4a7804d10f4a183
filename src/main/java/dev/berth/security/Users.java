package dev.berth.security;

import dev.berth.common.Cursor;
import dev.berth.common.Like;
import dev.berth.common.Page;
import io.quarkus.elytron.security.common.BcryptUtil;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Accounts of people, as they are stored. Who may change them, by which rules and with which trace is the business of
 * {@code dev.berth.tenancy.Accounts}.
 */
@ApplicationScoped
public class Users {
    @ApplicationScoped
    static class UserRepository implements PanacheRepositoryBase<UserEntity, UUID> {}

    private static final String ATTRIBUTE = User.class.getName();

    /** An account with what its password is checked against. */
    record Credentials(User user, String passwordHash) {}

    private final UserRepository users;
    private final Clock clock;

    Users(UserRepository users, Clock clock) {
        this.users = users;
        this.clock = clock;
    }

    /** The account that was read when this request was let in, so that it need not be read again; empty for nobody. */
    public static Optional<User> of(SecurityIdentity identity) {
        return Optional.ofNullable(identity.getAttribute(ATTRIBUTE));
    }

    static SecurityIdentity identity(User user, Credential credential) {
        return identity(user, credential, user.username());
    }

    /** @param name the principal's, which the login form's cookie carries */
    static SecurityIdentity identity(User user, Credential credential, String name) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(name))
                .addAttribute(ATTRIBUTE, user)
                .addAttribute(Credential.ATTRIBUTE, credential)
                .build();
    }

    /** The account, disabled or not. */
    @Transactional
    public Optional<User> find(String username) {
        return users.find("username", username).firstResultOptional().map(UserEntity::toUser);
    }

    /** The account if it can be used. */
    @Transactional
    public Optional<User> findEnabled(String username) {
        return find(username).filter(user -> !user.disabled());
    }

    @Transactional
    public Optional<User> byId(UUID id) {
        return users.findByIdOptional(id).map(UserEntity::toUser);
    }

    /** Those of these accounts that exist, by user name; one query for all. */
    @Transactional
    public List<User> byIds(Collection<UUID> ids) {
        return users.find("id in ?1 order by username", ids).stream()
                .map(UserEntity::toUser)
                .toList();
    }

    /** The admins, by user name. */
    @Transactional
    public List<User> admins() {
        return users.find("admin = true order by username").stream()
                .map(UserEntity::toUser)
                .toList();
    }

    /**
     * All accounts by user name, page by page.
     *
     * @param text part of a name, or null for any
     */
    @Transactional
    public Page<User> list(String text, int limit, String cursorText) {
        List<String> where = new ArrayList<>(List.of("1 = 1"));
        Map<String, Object> parameters = new HashMap<>();
        if (text != null && !text.isBlank()) {
            where.add("(username like :text escape '!' or lower(displayName) like :text escape '!')");
            parameters.put("text", Like.anywhere(text.toLowerCase(Locale.ROOT)));
        }
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where.add("username > :after");
            parameters.put("after", cursor.value());
        }
        List<User> rows =
                users
                        .find(String.join(" and ", where) + " order by username", parameters)
                        .page(0, limit + 1)
                        .list()
                        .stream()
                        .map(UserEntity::toUser)
                        .toList();
        return Page.of(
                rows, limit, user -> new Cursor(user.username(), user.id().toString()));
    }

    @Transactional
    public boolean none() {
        return users.count() == 0;
    }

    @Transactional
    public User create(String username, String displayName, boolean admin, String password) {
        UserEntity user = new UserEntity();
        user.id = UUID.randomUUID();
        user.username = username;
        user.displayName = displayName;
        user.admin = admin;
        user.passwordHash = BcryptUtil.bcryptHash(password);
        user.createdAt = clock.instant();
        users.persist(user);
        return user.toUser();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public User setDisabled(UUID id, boolean disabled) {
        UserEntity user = users.findById(id);
        user.disabled = disabled;
        return user.toUser();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public User setEmail(UUID id, String email) {
        UserEntity user = users.findById(id);
        user.email = email;
        return user.toUser();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public void setPassword(UUID id, String password) {
        users.findById(id).passwordHash = BcryptUtil.bcryptHash(password);
    }

    /** The account and the hash that a password has to match; empty for nobody, and for whoever may not sign in. */
    @Transactional
    Optional<Credentials> credentials(String username) {
        return users.find("username = ?1 and not disabled", username)
                .firstResultOptional()
                .map(user -> new Credentials(user.toUser(), user.passwordHash));
    }
}
