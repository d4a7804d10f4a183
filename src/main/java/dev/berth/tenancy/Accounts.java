package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.EmailAddress;
import dev.berth.security.LocalLogin;
import dev.berth.security.Logins;
import dev.berth.security.TooManyAttemptsException;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/** Berth's own accounts, for admins; and each person's own password. */
@ApplicationScoped
public class Accounts {
    public static final int SHORTEST_PASSWORD = 10;
    /** What bcrypt looks at; the rest would count for nothing. */
    private static final int LONGEST_PASSWORD_BYTES = 72;

    private static final int LONGEST_NAME = 50;
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?");
    /** What the audit log calls Berth itself. */
    private static final String BERTH = Caller.system("").username();

    private final Users users;
    private final LocalLogin passwords;
    private final Logins logins;
    private final Audit audit;

    Accounts(Users users, LocalLogin passwords, Logins logins, Audit audit) {
        this.users = users;
        this.passwords = passwords;
        this.logins = logins;
        this.audit = audit;
    }

    /** @param text part of a name, or null for any */
    @Transactional
    public Page<User> list(Caller caller, String text, int limit, String cursor) {
        caller.requireSeesAll();
        return users.list(text, limit, cursor);
    }

    @Transactional
    public User get(Caller caller, String username) {
        caller.requireSeesAll();
        return users.find(username).orElseThrow(() -> ProblemException.notFound("user"));
    }

    private User forChange(Caller caller, String username) {
        caller.requireAdmin();
        return get(caller, username);
    }

    /** @param password the first one; the person changes it after signing in */
    @Transactional
    public User create(Caller caller, String username, String displayName, boolean admin, String password) {
        return create(caller, username, displayName, admin, false, password);
    }

    /**
     * The same with both roles.
     *
     * @param auditor reads all that an admin reads
     */
    @Transactional
    public User create(
            Caller caller, String username, String displayName, boolean admin, boolean auditor, String password) {
        caller.requireAdmin();
        Checks checks = new Checks()
                .require(
                        "username",
                        username != null
                                && username.length() <= LONGEST_NAME
                                && NAME.matcher(username).matches(),
                        "Use 1 to " + LONGEST_NAME
                                + " lower-case letters, digits, dots, hyphens and underscores; start and end with a letter or digit.")
                .require("username", !BERTH.equals(username), "This is what Berth calls itself. Choose another name.")
                .line("displayName", displayName, 100);
        password(checks, "password", username, password).throwIfAny();
        if (users.find(username).isPresent()) {
            throw ProblemException.conflict("taken", "There is a user named " + username + " already.");
        }
        User user = users.create(username, displayName, admin, password);
        if (auditor) {
            user = users.setRoles(user.id(), admin, true);
        }
        audit.record(
                caller,
                "user.create",
                subject(user),
                Audit.change(Map.of(), Map.of("name", displayName, "admin", admin, "auditor", auditor)));
        return user;
    }

    /** Whoever is disabled can't sign in, and is out at the next request; machines and memberships stay. */
    @Transactional
    public User setDisabled(Caller caller, String username, boolean disabled) {
        User user = forChange(caller, username);
        if (user.disabled() == disabled) {
            return user;
        }
        // Whoever does it could not undo it.
        if (user.id().equals(caller.userId())) {
            throw ProblemException.conflict("wrong-state", "You can't disable yourself. Ask another admin.");
        }
        audit.record(
                caller,
                disabled ? "user.disable" : "user.enable",
                subject(user),
                Audit.change(Map.of("disabled", user.disabled()), Map.of("disabled", disabled)));
        if (disabled) {
            requireAdminLeft(user);
            logins.endAll(user.id());
        }
        return users.setDisabled(user.id(), disabled);
    }

    /**
     * What a person is beyond the teams; holds from their next request on.
     *
     * @throws ProblemException conflict when nobody who can sign in would be an admin
     */
    @Transactional
    public User setRoles(Caller caller, String username, boolean admin, boolean auditor) {
        User user = forChange(caller, username);
        requireOurs(user);
        if (user.admin() == admin && user.auditor() == auditor) {
            return user;
        }
        if (!admin) {
            requireAdminLeft(user);
        }
        audit.record(
                caller,
                "user.set-roles",
                subject(user),
                Audit.change(
                        Map.of("admin", user.admin(), "auditor", user.auditor()),
                        Map.of("admin", admin, "auditor", auditor)));
        return users.setRoles(user.id(), admin, auditor);
    }

    private void requireAdminLeft(User user) {
        if (user.admin() && !user.disabled() && !users.otherAdmin(user.id())) {
            throw ProblemException.conflict("last-admin", "This is the last admin. Make somebody else one first.");
        }
    }

    /**
     * Where a person's mail goes: an admin says so for anybody, and each person for themselves.
     *
     * @param email empty for nowhere
     */
    @Transactional
    public User setEmail(Caller caller, String username, String email) {
        if (!caller.username().equals(username)) {
            caller.requireAdmin();
        }
        User user = users.find(username).orElseThrow(() -> ProblemException.notFound("user"));
        requireOurs(user);
        new Checks()
                .require(
                        "email",
                        email != null && (email.isEmpty() || EmailAddress.fits(email)),
                        "Write one address such as dora@example.org, or nothing.")
                .throwIfAny();
        if (!user.email().equals(email)) {
            audit.record(
                    caller,
                    "user.set-email",
                    subject(user),
                    Audit.change(Map.of("email", user.email()), Map.of("email", email)));
        }
        return users.setEmail(user.id(), email);
    }

    @Transactional
    public void setPassword(Caller caller, String username, String password) {
        User user = forChange(caller, username);
        requireOurs(user);
        password(new Checks(), "password", username, password).throwIfAny();
        users.setPassword(user.id(), password);
        logins.endAll(user.id());
        audit.record(caller, "user.set-password", subject(user), Map.of());
    }

    /**
     * The caller's own password; ends the caller's other logins.
     *
     * @param login the one at hand, which goes on; empty for none
     */
    @Transactional
    public void changePassword(Caller caller, String login, String current, String password) {
        User user = users.find(caller.username()).orElseThrow(() -> ProblemException.notFound("user"));
        requireOurs(user);
        Checks checks = new Checks()
                .require("current", current != null && isPassword(caller, current), "This is not your password.");
        password(checks, "password", user.username(), password)
                .require(
                        "password",
                        password == null || !password.equals(current),
                        "This is the password that you have.")
                .throwIfAny();
        users.setPassword(user.id(), password);
        logins.endOthers(user.id(), login);
        audit.record(caller, "user.change-password", subject(user), Map.of());
    }

    private static void requireOurs(User user) {
        if (user.provided()) {
            throw ProblemException.conflict("provided", "This is kept at the identity provider. Change it there.");
        }
    }

    private boolean isPassword(Caller caller, String password) {
        try {
            return passwords.matches(caller.username(), password, caller.source());
        } catch (TooManyAttemptsException e) {
            throw ProblemException.tooMany("too-many-attempts", e.sentence());
        }
    }

    private static Checks password(Checks checks, String field, String username, String password) {
        return checks.require(
                        field,
                        password != null && password.length() >= SHORTEST_PASSWORD,
                        "Use at least " + SHORTEST_PASSWORD + " characters.")
                .require(
                        field,
                        password == null || password.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PASSWORD_BYTES,
                        "Use at most " + LONGEST_PASSWORD_BYTES + " characters; accented ones count twice or more.")
                .require(
                        field,
                        password == null || password.chars().noneMatch(Character::isISOControl),
                        "Take out the control characters.")
                .require(field, password == null || !password.equalsIgnoreCase(username), "Don't use the user name.");
    }

    private static Audit.Subject subject(User user) {
        return Audit.Subject.global("user", user.id(), user.username());
    }
}
