package dev.berth.testing;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;

import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.fleet.HostState;
import dev.berth.fleet.Hosts;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.Users;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenants;
import dev.berth.tenancy.Tokens;
import dev.berth.usage.Prices;
import dev.berth.usage.Usage;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One of everything that a route can name, in one tenant; and what only admins touch, apart from what others use. */
@ApplicationScoped
public class RouteWorld {
    private static final Caller BERTH = Caller.system("test");
    private static final Pattern PARAMETER = Pattern.compile("\\{([A-Za-z]+)[^}]*}");
    private static final String SPARE = "spare";

    private final Portal portal;
    private final Users users;
    private final Tenants tenants;
    private final Members members;
    private final Sizes sizes;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final Images images;
    private final Templates templates;
    private final Hosts hosts;
    private final Usage usage;
    private final Tokens tokens;
    private final EntityManager em;
    private final AtomicInteger counter = new AtomicInteger();
    private final Deque<String> undo = new ArrayDeque<>();
    private boolean made;

    RouteWorld(
            Portal portal,
            Users users,
            Tenants tenants,
            Members members,
            Sizes sizes,
            NetworkProfiles networks,
            StorageProfiles storage,
            Images images,
            Templates templates,
            Hosts hosts,
            Usage usage,
            Tokens tokens,
            EntityManager em) {
        this.portal = portal;
        this.users = users;
        this.tenants = tenants;
        this.members = members;
        this.sizes = sizes;
        this.networks = networks;
        this.storage = storage;
        this.images = images;
        this.templates = templates;
        this.hosts = hosts;
        this.usage = usage;
        this.tokens = tokens;
        this.em = em;
    }

    /** A tenant with one of everything that belongs to a tenant, by the names of parameters. */
    public final class Home {
        private final String tenant;
        private final UUID tenantId;
        private final String machine;
        private final String request;
        private final Map<String, String> parts = new HashMap<>();

        private Home(String slug, String name) {
            tenant = slug;
            tenantId = tenants.get(BERTH, tenant).id();
            if (users.find(third()).isEmpty()) {
                portal.owner(tenant);
                users.create(third(), "Third", false, Portal.PASSWORD);
            }
            machine = as(member())
                    .body(ask(name))
                    .post("/api/v1/tenants/{tenant}/requests", tenant)
                    .path("machineId");
            request = as(member())
                    .body(largeAsk("large-" + name))
                    .post("/api/v1/tenants/{tenant}/requests", tenant)
                    .path("id");
            for (String part : List.of(
                    "disk",
                    "nic",
                    "forward",
                    "share",
                    "snapshot",
                    "move",
                    "capture",
                    "webhook",
                    "delivery",
                    "key",
                    "notice",
                    "username",
                    "own-token",
                    "third-token",
                    "invitation")) {
                parts.put(part, fresh(part));
            }
        }

        public String slug() {
            return tenant;
        }

        public String machine() {
            return machine;
        }

        public String member() {
            return tenant + "-user";
        }

        public String owner() {
            return tenant + "-owner";
        }

        /** What there is of the tenant's, to be compared: whoever has no business here leaves it as it is. */
        public List<String> state() {
            return Stream.concat(
                            Stream.of("machine", "request", "disk", "membership", "snapshot", "disk_move", "capture")
                                    .map(table -> state(table, "tenant_id = '" + tenantId + "'")),
                            Stream.of("nic", "forward", "machine_share")
                                    .map(table -> state(table, "machine_id = '" + machine + "'")))
                    .toList();
        }

        private String state(String table, String where) {
            return table + " "
                    + one("select coalesce(string_agg(t::text, ' ' order by t::text), '') from " + table + " t where "
                            + where);
        }

        private String third() {
            return tenant + "-third";
        }

        /** The path of the template, with this tenant's things; those that a call uses up are made anew. */
        public String fill(String template, boolean renew) {
            return fill(template, renew, template);
        }

        /** @param whole the path that the template is a part of */
        public String fill(String template, boolean renew, String whole) {
            Matcher matcher = PARAMETER.matcher(template);
            StringBuilder path = new StringBuilder();
            while (matcher.find()) {
                String kind = kind(whole, matcher.group(1));
                matcher.appendReplacement(path, renew ? renewed(kind) : value(kind));
            }
            return matcher.appendTail(path).toString();
        }

        private String renewed(String kind) {
            if (List.of(
                            "forward",
                            "share",
                            "webhook",
                            "delivery",
                            "key",
                            "username",
                            "own-token",
                            "third-token",
                            "invitation")
                    .contains(kind)) {
                parts.put(kind, fresh(kind));
            }
            return value(kind);
        }

        private String value(String kind) {
            return switch (kind) {
                case "tenant" -> tenant;
                case "machine" -> machine;
                case "request" -> request;
                case "admin-webhook",
                        "admin-delivery",
                        "host",
                        "policy",
                        "plan",
                        "grant",
                        "device",
                        "image-import",
                        "stray" -> apart(kind);
                case "image", "size", "template", "network", "storage" -> SPARE;
                case "number" -> "1";
                case "login" -> "0123456789abcdef";
                case "format" -> "csv";
                case "token" -> "0123456789abcdef0123456789abcdef";
                default -> {
                    if (!parts.containsKey(kind)) {
                        throw new IllegalStateException("Nothing here is a " + kind + ": teach RouteWorld to make one");
                    }
                    yield parts.get(kind);
                }
            };
        }

        /** What only admins meet. */
        private String apart(String kind) {
            UUID id = UUID.randomUUID();
            return switch (kind) {
                case "host" -> portal.paper().id().toString();
                case "image-import" -> {
                    Map<String, Object> columns = new HashMap<>(Map.of(
                            "id",
                            id,
                            "name",
                            "'i'",
                            "description",
                            "''",
                            "format",
                            "'raw'",
                            "url",
                            "'https://images.example.org/i'",
                            "digest",
                            "''",
                            "digest_url",
                            "''",
                            "signature_url",
                            "''",
                            "state",
                            "'FAILED'"));
                    columns.putAll(Map.of(
                            "due_at", "now()", "requested_by", "'test'", "requester_id", id, "requested_at", "now()"));
                    yield insert("image_import", columns);
                }
                case "plan" -> {
                    String slug = "plan-" + counter.incrementAndGet();
                    insert("plan", Map.of("id", id, "slug", slug, "name", "'Plan'", "created_at", "now()"));
                    yield slug;
                }
                case "policy" -> {
                    run("delete from policy_rule where tenant_id = '" + tenantId + "'");
                    yield insert(
                            "policy_rule",
                            Map.of(
                                    "id",
                                    id,
                                    "kind",
                                    "'RESIZE'",
                                    "tenant_id",
                                    tenantId,
                                    "above",
                                    "'ADMIN'",
                                    "changed_by",
                                    "'test'",
                                    "changed_at",
                                    "now()"));
                }
                case "stray" ->
                    insert(
                            "stray",
                            Map.of(
                                    "id",
                                    id,
                                    "host_name",
                                    "'paper'",
                                    "kind",
                                    "'DOMAIN'",
                                    "ref",
                                    id,
                                    "name",
                                    "'stray'",
                                    "since",
                                    "now()"));
                case "grant" ->
                    insert(
                            "quota_grant",
                            Map.of(
                                    "id",
                                    id,
                                    "tenant_id",
                                    tenantId,
                                    "resource",
                                    "'machines'",
                                    "amount",
                                    "1",
                                    "until",
                                    "now() + interval '1 day'",
                                    "granted_by",
                                    "'test'",
                                    "granted_at",
                                    "now()"));
                case "device" ->
                    insert(
                            "device",
                            Map.of(
                                    "id",
                                    id,
                                    "storage_profile_id",
                                    storage.get(BERTH, SPARE).id(),
                                    "host_id",
                                    portal.paper().id(),
                                    "host_name",
                                    "'paper'",
                                    "path",
                                    "'/dev/disk/by-id/" + id + "'",
                                    "state",
                                    "'FREE'",
                                    "registered_by",
                                    "'test'",
                                    "registered_at",
                                    "now()"));
                case "admin-webhook" -> {
                    parts.put(kind, webhook(id, null));
                    yield parts.get(kind);
                }
                default -> delivery(id, parts.computeIfAbsent("admin-webhook", x -> webhook(UUID.randomUUID(), null)));
            };
        }

        private String token(String username) {
            return tokens.create(
                            tenants.caller(username, "test"), new Tokens.Draft("Token", List.of("read"), null, null))
                    .token()
                    .token()
                    .id()
                    .toString();
        }

        private String webhook(UUID id, UUID ofTenant) {
            Map<String, Object> columns = new HashMap<>(Map.of(
                    "id",
                    id,
                    "name",
                    "'Hook'",
                    "url",
                    "'https://hooks.example.org/x'",
                    "secret",
                    "'none'",
                    "topics",
                    "'REQUEST'",
                    "created_by",
                    "'test'",
                    "created_at",
                    "now()"));
            if (ofTenant != null) {
                columns.put("tenant_id", ofTenant);
                columns.put("tenant_slug", "'" + tenant + "'");
            }
            return insert("webhook", columns);
        }

        private String delivery(UUID id, String webhook) {
            return insert(
                    "delivery",
                    Map.of(
                            "id",
                            id,
                            "webhook_id",
                            webhook,
                            "topic",
                            "'REQUEST'",
                            "key",
                            "'" + id + "'",
                            "state",
                            "'SENT'",
                            "due_at",
                            "now()",
                            "created_at",
                            "now()"));
        }

        private String fresh(String part) {
            UUID id = UUID.randomUUID();
            int number = counter.incrementAndGet();
            String disk = parts.get("disk");
            return switch (part) {
                case "disk" -> one("select id::text from disk where machine_id = '" + machine + "'");
                case "nic" -> one("select id::text from nic where machine_id = '" + machine + "'");
                case "forward" ->
                    insert(
                            "forward",
                            Map.of(
                                    "id",
                                    id,
                                    "machine_id",
                                    machine,
                                    "nic_id",
                                    parts.get("nic"),
                                    "host_id",
                                    portal.paper().id(),
                                    "host_name",
                                    "'paper'",
                                    "protocol",
                                    "'TCP'",
                                    "host_port",
                                    "" + (30_000 + number),
                                    "guest_port",
                                    "22",
                                    "created_by",
                                    "'test'"),
                            Map.of("created_at", "now()"));
                case "share" -> {
                    run("delete from machine_share where machine_id = '" + machine + "'");
                    yield insert(
                            "machine_share",
                            Map.of(
                                    "id",
                                    id,
                                    "machine_id",
                                    machine,
                                    "storage_profile_id",
                                    storage.get(BERTH, "spare-files").id(),
                                    "storage_slug",
                                    "'spare-files'",
                                    "created_at",
                                    "now()"));
                }
                case "snapshot" ->
                    insert(
                            "snapshot",
                            Map.of(
                                    "id",
                                    id,
                                    "machine_id",
                                    machine,
                                    "tenant_id",
                                    tenantId,
                                    "name",
                                    "'s" + number + "'",
                                    "state",
                                    "'READY'",
                                    "created_by",
                                    "'test'",
                                    "created_at",
                                    "now()"));
                case "move" -> {
                    UUID profile = storage.get(BERTH, "qcow2").id();
                    yield insert(
                            "disk_move",
                            Map.of(
                                    "id",
                                    id,
                                    "disk_id",
                                    disk,
                                    "machine_id",
                                    machine,
                                    "tenant_id",
                                    tenantId,
                                    "size_gib",
                                    "1",
                                    "from_profile_id",
                                    profile,
                                    "from_volume",
                                    UUID.randomUUID(),
                                    "to_profile_id",
                                    profile,
                                    "to_volume",
                                    UUID.randomUUID()),
                            Map.of(
                                    "state",
                                    "'CONFIRMED'",
                                    "pending",
                                    "false",
                                    "requested_by",
                                    "'test'",
                                    "requested_at",
                                    "now()"));
                }
                case "capture" ->
                    insert(
                            "capture",
                            Map.of(
                                    "id",
                                    id,
                                    "machine_id",
                                    machine,
                                    "disk_id",
                                    disk,
                                    "tenant_id",
                                    tenantId,
                                    "template_id",
                                    templates.get(BERTH, SPARE).id(),
                                    "image_id",
                                    UUID.randomUUID(),
                                    "image_name",
                                    "'c" + number + "'",
                                    "state",
                                    "'FAILED'"),
                            Map.of("requested_by", "'test'", "requested_at", "now()"));
                case "invitation" ->
                    insert(
                            "invitation",
                            Map.of(
                                    "id",
                                    id,
                                    "tenant_id",
                                    tenantId,
                                    "email",
                                    "'" + id + "@example.org'",
                                    "role",
                                    "'MEMBER'",
                                    "invited_by",
                                    "'test'",
                                    "created_at",
                                    "now()",
                                    "expires_at",
                                    "now() + interval '1 day'"));
                case "own-token" -> token(member());
                case "third-token" -> token(third());
                case "webhook" -> webhook(id, tenantId);
                case "delivery" -> delivery(id, parts.get("webhook"));
                case "key" ->
                    as(member())
                            .body(Map.of(
                                    "name",
                                    "key" + number,
                                    "publicKey",
                                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDwlrkfYIcMKSGoBgSbCPqfVsjYDbvo5/BLa6EWhLfJJ"))
                            .post("/api/v1/ssh-keys")
                            .path("id");
                case "notice" ->
                    insert(
                            "notice",
                            Map.of(
                                    "id",
                                    id,
                                    "user_id",
                                    users.find(member()).orElseThrow().id(),
                                    "topic",
                                    "'MACHINE'",
                                    "key",
                                    "'n" + number + "'",
                                    "title",
                                    "'T'",
                                    "text",
                                    "'T'",
                                    "path",
                                    "'/'",
                                    "bell",
                                    "true",
                                    "created_at",
                                    "now()"));
                case "username" -> {
                    run("delete from membership where user_id = '"
                            + users.find(third()).orElseThrow().id() + "'");
                    members.add(BERTH, tenants.get(BERTH, tenant), third(), TenantRole.MEMBER);
                    yield third();
                }
                default -> throw new IllegalArgumentException(part);
            };
        }
    }

    /** What a parameter of this name means in this path. */
    private static String kind(String template, String name) {
        if (name.equals("id")) {
            String before = template.substring(0, template.indexOf("/{id}"));
            return switch (before.substring(before.lastIndexOf('/') + 1)) {
                case "hosts" -> "host";
                case "policies" -> "policy";
                case "webhooks" -> template.startsWith("/admin/") ? "admin-webhook" : "webhook";
                case "machines" -> "machine";
                case "requests", "inbox" -> "request";
                case "ssh-keys", "keys" -> "key";
                case "notices" -> "notice";
                case "logins" -> "login";
                case "image-imports" -> "image-import";
                case "invitations" -> "invitation";
                case "strays" -> "stray";
                case "tokens" -> template.contains("{username}") ? "third-token" : "own-token";
                default -> before;
            };
        }
        if (name.equals("slug") || name.equals("profile") || name.equals("name")) {
            return template.contains("/network")
                    ? "network"
                    : template.contains("/storage")
                            ? "storage"
                            : template.contains("/sizes")
                                    ? "size"
                                    : template.contains("/images")
                                            ? "image"
                                            : template.contains("/templates") ? "template" : "tenant";
        }
        if (name.equals("delivery") && template.startsWith("/admin/")) {
            return "admin-delivery";
        }
        return name.equals("forwardId") ? "forward" : name;
    }

    public synchronized Home home() {
        portal.make();
        usage.setPrices(BERTH, new Prices("EUR", BigDecimal.ONE, BigDecimal.ONE, BigDecimal.ONE));
        if (!made) {
            sizes.create(BERTH, SPARE, "Spare", 1, 64, 1);
            networks.create(
                    BERTH,
                    SPARE,
                    "Spare",
                    "",
                    "nat",
                    Map.of(
                            "cidr", "10.251.78.0/24",
                            "rangeStart", "10.251.78.10",
                            "rangeEnd", "10.251.78.250"));
            storage.create(BERTH, SPARE, "Spare", "", "block", Map.of());
            storage.create(BERTH, "spare-files", "Files", "", "share", Map.of("path", "/srv/berth-shares/spare"));
            images.importFile(BERTH, new Images.Draft(SPARE, "", "raw"), "disk.raw");
            templates.create(BERTH, SPARE, "Spare", "", new Policy(1, 512, 5, 48, 720));
            templates.revise(
                    BERTH,
                    SPARE,
                    new Templates.RevisionDraft("linux", List.of("tiny"), List.of("nat"), List.of("qcow2"), ""));
            templates.setState(BERTH, SPARE, 1, RevisionState.APPROVED);
            made = true;
        }
        return new Home(portal.tenant(20), "home");
    }

    /** The same team's, with another machine. */
    public synchronized Home beside(Home home) {
        return new Home(home.slug(), "beside");
    }

    /** Takes away what was written past the rules, and whatever an admin's call has closed is open again. */
    public synchronized void clean() {
        while (!undo.isEmpty()) {
            run(undo.pop());
        }
        usage.setPrices(BERTH, null);
        hosts.setState(BERTH, portal.paper().id(), HostState.ACTIVE);
    }

    private String insert(String table, Map<String, ?> columns) {
        return insert(table, columns, Map.of());
    }

    /** Texts are SQL; ids are written as they are. */
    private String insert(String table, Map<String, ?> columns, Map<String, ?> more) {
        Map<String, String> all = new HashMap<>();
        columns.forEach((name, value) -> all.put(name, sql(name, value)));
        more.forEach((name, value) -> all.put(name, sql(name, value)));
        List<String> names = List.copyOf(all.keySet());
        run("insert into " + table + " (" + String.join(", ", names) + ") values ("
                + String.join(", ", names.stream().map(all::get).toList()) + ")");
        String id = String.valueOf(columns.get("id"));
        undo.push("delete from " + table + " where id = '" + id + "'");
        return id;
    }

    private static String sql(String name, Object value) {
        boolean bare = value instanceof UUID || name.endsWith("_id") || name.equals("slug");
        return bare ? "'" + value + "'" : String.valueOf(value);
    }

    private void run(String sql) {
        QuarkusTransaction.requiringNew().run(() -> em.createNativeQuery(sql).executeUpdate());
    }

    private String one(String sql) {
        return QuarkusTransaction.requiringNew().call(() ->
                (String) em.createNativeQuery(sql, String.class).getResultList().get(0));
    }
}
