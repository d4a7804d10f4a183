package dev.berth.console;

import static io.restassured.RestAssured.given;

import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.Scope;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/** People and machines for console tests, made straight in the database: no host has to exist. */
@ApplicationScoped
class ConsoleFixture {
    private static final Caller TEST = Caller.system("test");

    static final String PASSWORD = "correct horse";
    /** Served by this process. */
    static final String NEAR = "near";
    /** Served by another one. */
    static final String FAR = "far";

    private final Users users;
    private final Tenants tenants;
    private final Members members;
    private final DataSource database;

    ConsoleFixture(Users users, Tenants tenants, Members members, DataSource database) {
        this.users = users;
        this.tenants = tenants;
        this.members = members;
        this.database = database;
    }

    User user(String name, String tenant) {
        return users.find(name).orElseGet(() -> {
            User user = users.create(name, name, false, PASSWORD);
            members.add(TEST, tenant(tenant), name, TenantRole.MEMBER);
            return user;
        });
    }

    /** The cookie of a browser that signs in. */
    String signIn(String username) {
        return "berth-session="
                + given().redirects()
                        .follow(false)
                        .formParam("username", username)
                        .formParam("password", PASSWORD)
                        .post("/login")
                        .then()
                        .statusCode(302)
                        .extract()
                        .cookie("berth-session");
    }

    private Tenant tenant(String slug) {
        return tenants.find(TEST, slug).orElseGet(() -> tenants.create(TEST, slug, slug, Map.of()));
    }

    /** A running machine of alice's in blue. */
    UUID machine(String host) {
        User alice = user("alice", "blue");
        Tenant blue = tenant("blue");
        UUID hostId = UUID.nameUUIDFromBytes(host.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        UUID id = UUID.randomUUID();
        update(
                "insert into host (id, name, uri, state, created_at) values (?, ?, 'test:///default', 'ACTIVE', now())"
                        + " on conflict do nothing",
                hostId,
                host);
        update(
                "insert into machine (id, tenant_id, tenant_slug, owner_id, owner_name, name, revision_id, template_name,"
                        + " revision_number, size_name, vcpus, memory_mib, disk_gib, host_id, host_name, wanted,"
                        + " operation, operation_at, seen, seen_at, state, settled, provisioned_at, created_at)"
                        + " values (?, ?, 'blue', ?, 'alice', ?, ?, 'Debian', 1, 'Small', 1, 512, 5, ?, ?, 'RUNNING',"
                        + " 'CREATE', now(), 'RUNNING', now(), 'RUNNING', true, now(), now())",
                id,
                blue.id(),
                alice.id(),
                "m-" + id.toString().substring(0, 8),
                revision(),
                hostId,
                host);
        return id;
    }

    void workerUrl(String host, String url) {
        update("update host set worker_url = ? where name = ?", url, host);
    }

    void seen(UUID machine, String seen, String state) {
        update("update machine set seen = ?, state = ? where id = ?", seen, state, machine);
    }

    void expel(User user) {
        update("delete from membership where user_id = ?", user.id());
    }

    /** Belongs to no tenant. */
    void auditor(String username) {
        if (users.find(username).isEmpty()) {
            users.create(username, username, false, PASSWORD);
        }
        update("update app_user set auditor = true where username = ?", username);
    }

    void disable(User user, boolean disabled) {
        update("update app_user set disabled = ? where id = ?", disabled, user.id());
    }

    void move(UUID machine, String tenant) {
        update(
                "update machine set tenant_id = ?, tenant_slug = ? where id = ?",
                tenant(tenant).id(),
                tenant,
                machine);
    }

    /** A login that nobody has the cookie of. */
    Credential login(String username) {
        String id = UUID.randomUUID().toString();
        update(
                "insert into login (id, user_id, begun_at, seen_at, address, agent) values (?, ?, now(), now(), '', '')",
                id,
                user(username, "blue").id());
        return Credential.login(id);
    }

    void endLogin(Credential login) {
        update("update login set ended_at = now() where id = ?", login.id());
    }

    /** @param tenant the only one that it opens, or null */
    Credential token(String username, String tenant) {
        UUID id = UUID.randomUUID();
        UUID only = tenant == null ? null : tenant(tenant).id();
        update(
                "insert into api_token (id, user_id, name, digest, scopes, tenant_id, created_at, expires_at)"
                        + " values (?, ?, ?, ?, 'MACHINES', ?, now(), now() + interval '1 day')",
                id,
                user(username, "blue").id(),
                id.toString(),
                id.toString(),
                only);
        return Credential.token(id, id.toString(), Set.of(Scope.MACHINES), only);
    }

    void revokeToken(Credential token) {
        update("update api_token set revoked_at = now() where id = ?", UUID.fromString(token.id()));
    }

    /** Consoles of another process, which was last heard of that long ago. */
    void open(int count, UUID machine, String username, int secondsAgo) {
        update(
                "insert into console_session (id, machine_id, user_id, username, login, process, address, view_only,"
                        + " begun_at, seen_at) select gen_random_uuid(), ?, ?, ?, '', gen_random_uuid(), '10.9.9.9', false,"
                        + " now(), now() - make_interval(secs => ?) from generate_series(1, ?)",
                machine,
                user(username, "blue").id(),
                username,
                secondsAgo,
                count);
    }

    void closeAll(UUID machine) {
        update("delete from console_session where machine_id = ?", machine);
    }

    long count(String sql, Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = prepared(connection, sql, parameters);
                var rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private UUID revision() {
        UUID id = UUID.nameUUIDFromBytes(new byte[] {1});
        update(
                "insert into image (id, name, format, state, created_by, created_at)"
                        + " values (?, 'console-test', 'qcow2', 'READY', 'admin', now()) on conflict do nothing",
                id);
        update(
                "insert into template (id, slug, name, auto_vcpus, auto_memory_mib, auto_disk_gib, auto_lease_hours,"
                        + " max_lease_hours, created_at) values (?, 'console-test', 'Debian', 1, 512, 5, 24, 48, now())"
                        + " on conflict do nothing",
                id);
        update(
                "insert into template_revision (id, template_id, number, state, image_id, created_by, created_at)"
                        + " values (?, ?, 1, 'APPROVED', ?, 'admin', now()) on conflict do nothing",
                id,
                id,
                id);
        return id;
    }

    private void update(String sql, Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = prepared(connection, sql, parameters)) {
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }
}
