package dev.berth.console;

import dev.berth.security.Caller;
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
