package dev.berth.testing;

import static io.restassured.RestAssured.given;

import dev.berth.catalog.Images;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostFacts;
import dev.berth.security.Caller;
import dev.berth.security.Scope;
import dev.berth.security.TenantRole;
import dev.berth.security.Users;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import dev.berth.tenancy.Tokens;
import io.restassured.specification.RequestSpecification;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A portal to knock at: the demo's people, a host that exists on paper, and a template {@code linux} that passes small
 * requests by itself.
 */
@ApplicationScoped
public class Portal {
    public static final String PASSWORD = "berth";
    public static final String TEMPLATE = "linux";

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private static final Map<Resource, Long> PLENTY = Map.of(
            Resource.MACHINES, 1_000L,
            Resource.VCPUS, 1_000L,
            Resource.MEMORY_MIB, 1_000_000L,
            Resource.DISK_GIB, 10_000L,
            Resource.FORWARDS, 100L,
            Resource.SNAPSHOTS, 100L);

    private final Hosts hosts;
    private final Images images;
    private final Templates templates;
    private final Tenants tenants;
    private final Users users;
    private final Members members;
    private final Quotas quotas;
    private final Tokens tokens;

    private boolean made;

    Portal(
            Hosts hosts,
            Images images,
            Templates templates,
            Tenants tenants,
            Users users,
            Members members,
            Quotas quotas,
            Tokens tokens) {
        this.hosts = hosts;
        this.images = images;
        this.templates = templates;
        this.tenants = tenants;
        this.users = users;
        this.members = members;
        this.quotas = quotas;
        this.tokens = tokens;
    }

    /** Makes all of it, once. */
    public synchronized void make() {
        if (made) {
            return;
        }
        made = true;
        Caller berth = Caller.system("test");
        // Many test classes ask in these teams' names, one after another in one program.
        for (String slug : List.of("blue", "green")) {
            quotas.setLimits(berth, tenants.get(berth, slug), PLENTY);
        }
        hosts.register("paper", "test:///default", "");
        hosts.reached("paper", new HostFacts("paper", "x86_64", 1_000, 10_000_000, "10.0", "9.0", "qemu"));
        try {
            Files.write(importDirectory().resolve("disk.raw"), new byte[1 << 20]);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        images.importFile(berth, new Images.Draft("linux", "", "raw"), "disk.raw");
        templates.create(berth, TEMPLATE, "Linux", "", new Policy(1, 512, 5, 48, 720));
        templates.revise(
                berth,
                TEMPLATE,
                new Templates.RevisionDraft(
                        "linux", List.of("tiny", "small", "medium"), List.of("nat"), List.of("qcow2"), ""));
        templates.setState(berth, TEMPLATE, 1, RevisionState.APPROVED);
    }

    /** Where files to import lie. */
    public static Path importDirectory() {
        try {
            return Files.createDirectories(WebProfile.IMPORT);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A tenant of the test's own, with its member {@code <slug>-user}. */
    public String tenant(long machines) {
        String slug = "t" + COUNTER.incrementAndGet();
        Caller berth = Caller.system("test");
        Map<Resource, Long> limits = new EnumMap<>(PLENTY);
        limits.put(Resource.MACHINES, machines);
        limits.put(Resource.FORWARDS, 5L);
        Tenant tenant = tenants.create(berth, slug, "Tenant " + slug, limits);
        users.create(slug + "-user", "User", false, PASSWORD);
        members.add(berth, tenant, slug + "-user", TenantRole.MEMBER);
        return slug;
    }

    /** Gives the tenant an owner, {@code <slug>-owner}. */
    public String owner(String slug) {
        String name = slug + "-owner";
        Caller berth = Caller.system("test");
        users.create(name, "Owner", false, PASSWORD);
        members.add(berth, tenants.get(berth, slug), name, TenantRole.OWNER);
        return name;
    }

    /**
     * The text of a new token of this user's.
     *
     * @param tenant the only one that it opens, or null for all of the user's
     */
    public String token(String username, Set<Scope> scopes, String tenant) {
        Caller caller = tenants.caller(username, "test");
        return tokens.create(
                        caller,
                        new Tokens.Draft(
                                "test", scopes.stream().map(Scope::word).toList(), tenant, null))
                .text();
    }

    /** A call with JSON, by a program with this token. */
    public static RequestSpecification by(String token) {
        return given().header("Authorization", "Bearer " + token).contentType("application/json");
    }

    public Map<Resource, Long> used(String slug) {
        Map<Resource, Long> used = new HashMap<>();
        quotas.usage(tenants.get(Caller.system("test"), slug).id())
                .forEach(use -> used.put(use.resource(), use.used()));
        return used;
    }

    public List<String> drift() {
        return quotas.drift();
    }

    /** A call with JSON, as this user. */
    public static RequestSpecification as(String user) {
        return as(user, PASSWORD);
    }

    public static RequestSpecification as(String user, String password) {
        return given().auth().preemptive().basic(user, password).contentType("application/json");
    }

    /** A request that passes by itself; change what the test is about. */
    public static Map<String, Object> ask(String name) {
        Map<String, Object> ask = new HashMap<>();
        ask.put("template", TEMPLATE);
        ask.put("size", "tiny");
        ask.put("name", name);
        ask.put("network", "nat");
        ask.put("storage", "qcow2");
        ask.put("leaseHours", 24);
        return ask;
    }

    /** A request that needs an admin's yes. */
    public static Map<String, Object> largeAsk(String name) {
        Map<String, Object> ask = ask(name);
        ask.put("size", "medium");
        return ask;
    }

    /** The host that exists on paper. */
    public Host paper() {
        return hosts.list().stream()
                .filter(host -> host.name().equals("paper"))
                .findFirst()
                .orElseThrow();
    }
}
