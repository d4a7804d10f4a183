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
import jakarta.persistence.LockModeType;
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

    /** A provider's person's account, with the digest of {@link ProvidedPerson} that was written down. */
    public record Provided(User user, String digest) {}

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
        return add(QuarkusSecurityIdentity.builder().setPrincipal(new QuarkusPrincipal(name)), user, credential)
                .build();
    }

    static QuarkusSecurityIdentity.Builder add(
            QuarkusSecurityIdentity.Builder identity, User user, Credential credential) {
        return identity.addAttribute(ATTRIBUTE, user).addAttribute(Credential.ATTRIBUTE, credential);
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

    /** The provider's person's account, and the digest of what was last written down of them; empty for a stranger. */
    @Transactional
    public Optional<Provided> provided(String issuer, String subject) {
        return users.find("issuer = ?1 and subject = ?2", issuer, subject)
                .firstResultOptional()
                .map(user -> new Provided(user.toUser(), user.claimsDigest == null ? "" : user.claimsDigest));
    }

    /** Whose address this is, as the provider has confirmed it; empty for nobody, and when it is several persons'. */
    @Transactional
    public Optional<User> byProvidedEmail(String email) {
        List<UserEntity> found =
                users.list("email = ?1 and emailVerified and issuer is not null and not disabled", email);
        return found.size() == 1 ? Optional.of(found.get(0).toUser()) : Optional.empty();
    }

    /** Those of these accounts that can be used and whose password this is. */
    @Transactional
    public List<String> withPassword(Collection<String> usernames, String password) {
        return users
                .find("username in ?1 and not disabled and passwordHash is not null order by username", usernames)
                .stream()
                .filter(user -> BcryptUtil.matches(password, user.passwordHash))
                .map(user -> user.username)
                .toList();
    }

    /**
     * Writes down what the provider says of a person.
     *
     * @param id the account's, or null to make one
     * @param username for a new account
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public User provide(UUID id, String username, ProvidedPerson person) {
        UserEntity user = id == null ? new UserEntity() : users.findById(id);
        if (id == null) {
            user.id = UUID.randomUUID();
            user.username = username;
            user.createdAt = clock.instant();
            user.issuer = person.issuer();
            user.subject = person.subject();
        }
        user.displayName = person.displayName();
        user.email = person.email();
        user.emailVerified = person.verified();
        user.admin = person.admin();
        user.auditor = person.auditor();
        user.claimsDigest = person.digest();
        users.persist(user);
        return user.toUser();
    }

    /** What providers say is looked at anew, though it has not changed: what it means here may have. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void forgetClaims() {
        users.update("claimsDigest = null where claimsDigest is not null");
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public User setDisabled(UUID id, boolean disabled) {
        UserEntity user = users.findById(id);
        user.disabled = disabled;
        return user.toUser();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public User setRoles(UUID id, boolean admin, boolean auditor) {
        UserEntity user = users.findById(id);
        user.admin = admin;
        user.auditor = auditor;
        return user.toUser();
    }

    /** Whether somebody else could be an admin's successor: whoever asks at once waits for the answer's transaction. */
    @Transactional(Transactional.TxType.MANDATORY)
    public boolean otherAdmin(UUID id) {
        return users
                .find("admin = true and disabled = false order by id")
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .stream()
                .anyMatch(user -> !user.id.equals(id));
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public User setEmail(UUID id, String email) {
        UserEntity user = users.findById(id);
        user.email = email;
        return user.toUser();
    }

    /** The person has proved to read the mail of this address. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void confirmEmail(UUID id, String email) {
        users.findById(id).confirmedEmail = email;
    }

    @Transactional(Transactional.TxType.MANDATORY)
    public void setPassword(UUID id, String password) {
        users.findById(id).passwordHash = BcryptUtil.bcryptHash(password);
    }

    /** The account and the hash that a password has to match; empty for nobody, and for whoever may not sign in. */
    @Transactional
    Optional<Credentials> credentials(String username) {
        return users.find("username = ?1 and not disabled and passwordHash is not null", username)
                .firstResultOptional()
                .map(user -> new Credentials(user.toUser(), user.passwordHash));
    }
}
