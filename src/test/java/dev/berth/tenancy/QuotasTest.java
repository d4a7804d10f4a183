package dev.berth.tenancy;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.security.Caller;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits by plan, by member and by profile, and what stopped machines hold. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class QuotasTest {
    private static final Caller BERTH = Caller.system("test");

    @Inject
    Portal portal;

    @Inject
    Tenants tenants;

    @Inject
    Quotas quotas;

    @Inject
    Plans plans;

    @Inject
    Shares shares;

    @Inject
    QuotaSettings settings;

    @Inject
    Grants grants;

    @Inject
    NetworkProfiles networks;

    @Inject
    EntityManager em;

    private String slug;
    private Tenant tenant;

    @BeforeEach
    void make() {
        portal.make();
        slug = portal.tenant(100);
        tenant = tenants.get(BERTH, slug);
    }

    @AfterEach
    void exact() {
        settings.setStoppedGiveBack(BERTH, false);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void whoeverFollowsAPlanFollowsItsChanges() {
        plans.save(BERTH, "two-" + slug, "Two", Map.of(Resource.MACHINES, 2L, Resource.VCPUS, 50L));
        plans.follow(BERTH, tenant, "two-" + slug, true);
        assertThat(limit(Resource.MACHINES)).as("said of the tenant alone").isEqualTo(100);
        plans.follow(BERTH, tenant, "two-" + slug, false);
        assertThat(limit(Resource.MACHINES)).isEqualTo(2);

        plans.save(BERTH, "two-" + slug, "Three", Map.of(Resource.MACHINES, 3L));
        assertThat(limit(Resource.MACHINES)).isEqualTo(3);
        assertThat(limit(Resource.VCPUS)).as("not named, so as it was").isEqualTo(50);
        quotas.setLimits(BERTH, tenant, Map.of(Resource.MACHINES, 1L));
        assertThat(limit(Resource.MACHINES)).isEqualTo(1);
        Map<Resource, Long> none = new HashMap<>();
        none.put(Resource.MACHINES, null);
        quotas.setLimits(BERTH, tenant, none);
        assertThat(limit(Resource.MACHINES)).as("the plan's again").isEqualTo(3);
        plans.follow(BERTH, tenant, "", true);
        assertThat(limit(Resource.MACHINES)).as("the plan's, now its own").isEqualTo(3);
        plans.delete(BERTH, "two-" + slug);
    }

    @Test
    void aMemberHoldsNoMoreThanItsShare() {
        Map<Resource, Long> one = Map.of(Resource.MACHINES, 1L);
        shares.setForAll(BERTH, tenant, one);
        assertThat(request("a").statusCode()).isEqualTo(201);
        Response refused = request("b");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.<String>path("code")).isEqualTo("share-exceeded");
        assertThat(refused.<String>path("detail")).contains("1 of 1 in use").contains("owner");
        assertThat(refused.<Boolean>path("quota.share")).isTrue();
        assertThat(portal.used(slug)).containsEntry(Resource.MACHINES, 1L);

        shares.set(BERTH, tenant, slug + "-user", Map.of(Resource.MACHINES, 2L));
        assertThat(request("b").statusCode()).as("more than the others").isEqualTo(201);
        assertThat(request("c").statusCode()).isEqualTo(409);
        assertThat(shares.standing(BERTH, tenant)).anySatisfy(standing -> assertThat(standing)
                .extracting(Shares.Standing::resource, Shares.Standing::used, Shares.Standing::share)
                .containsExactly(Resource.MACHINES, 2L, 2L));
        assertThat(quotas.standing(tenant.id(), user()))
                .filteredOn(QuotaUse::personal)
                .extracting(QuotaUse::label, QuotaUse::words)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("your share of machines", "2 of 2"));
    }

    @Test
    void addressesOnANetworkAreLimited() {
        var nat = networks.get(BERTH, "nat");
        quotas.setLine(BERTH, tenant, QuotaLine.addresses(nat.id(), nat.slug()), 2L);
        String machine = request("a").path("machineId");
        assertThat(as(slug + "-user")
                        .body(Map.of("network", "nat"))
                        .post("/api/v1/machines/{id}/nics", machine)
                        .statusCode())
                .isEqualTo(202);

        Response card = as(slug + "-user").body(Map.of("network", "nat")).post("/api/v1/machines/{id}/nics", machine);
        assertThat(card.statusCode()).isEqualTo(409);
        assertThat(card.<String>path("code")).isEqualTo("address-limit");
        assertThat(card.<String>path("detail")).contains("addresses on nat").contains("2 of 2");
        assertThat(request("b").<String>path("code")).isEqualTo("address-limit");
        assertThat(portal.used(slug)).containsEntry(Resource.MACHINES, 1L);
    }

    @Test
    void stoppedMachinesGiveBackAndTakeAgain() {
        String machine = request("a").path("machineId");
        QuarkusTransaction.requiringNew().run(() -> em.createNativeQuery(
                        """
                        update machine set wanted = 'STOPPED', state = 'STOPPED', seen = 'STOPPED', settled = true,
                               provisioned_at = now() where id = :id""")
                .setParameter("id", UUID.fromString(machine))
                .executeUpdate());
        assertThat(portal.used(slug)).containsEntry(Resource.VCPUS, 1L);
        settings.setStoppedGiveBack(BERTH, true);
        assertThat(portal.used(slug))
                .containsEntry(Resource.VCPUS, 0L)
                .containsEntry(Resource.MEMORY_MIB, 0L)
                .containsEntry(Resource.DISK_GIB, 1L);

        quotas.setLimits(BERTH, tenant, Map.of(Resource.MEMORY_MIB, 100L));
        Response refused = as(slug + "-user").post("/api/v1/machines/{id}/start", machine);
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.<String>path("detail")).contains("memory").contains("28 MiB too much");
        assertThat(portal.used(slug)).containsEntry(Resource.VCPUS, 0L);
        quotas.setLimits(BERTH, tenant, Map.of(Resource.MEMORY_MIB, 128L));
        assertThat(as(slug + "-user")
                        .post("/api/v1/machines/{id}/start", machine)
                        .statusCode())
                .isLessThan(300);
        assertThat(portal.used(slug)).containsEntry(Resource.VCPUS, 1L).containsEntry(Resource.MEMORY_MIB, 128L);
    }

    @Test
    void moreIsAskedForAtTheWallAndEndsByItself() {
        quotas.setLimits(BERTH, tenant, Map.of(Resource.MACHINES, 1L));
        assertThat(request("a").statusCode()).isEqualTo(201);
        Response wall = request("b");
        assertThat(wall.<String>path("quota.resource")).isEqualTo("machines");
        assertThat(wall.<Integer>path("quota.missing")).isEqualTo(1);
        Map<String, Object> more = new HashMap<>(Map.of("resource", "machines", "more", 1, "reason", ""));
        assertThat(askMore(more).statusCode()).as("without a reason").isEqualTo(400);
        more.put("reason", "a test");
        more.put("until", Instant.now().plusSeconds(3600).toString());
        Response asked = askMore(more);
        assertThat(asked.statusCode()).isEqualTo(201);
        assertThat(asked.<String>path("kind")).isEqualTo("QUOTA");
        assertThat(as(slug + "-user")
                        .post("/api/v1/requests/{id}/approve", asked.<String>path("id"))
                        .statusCode())
                .isEqualTo(403);

        as("admin")
                .post("/api/v1/requests/{id}/approve", asked.<String>path("id"))
                .then()
                .statusCode(200);
        assertThat(request("b").statusCode()).isEqualTo(201);
        assertThat(limit(Resource.MACHINES)).isEqualTo(2);
        QuarkusTransaction.requiringNew().run(() -> em.createNativeQuery(
                        "update quota_grant set until = now() - interval '1 second' where tenant_id = :tenant")
                .setParameter("tenant", tenant.id())
                .executeUpdate());
        grants.expire();
        grants.expire();
        assertThat(limit(Resource.MACHINES)).isEqualTo(1);
        assertThat(portal.used(slug)).as("nothing is broken").containsEntry(Resource.MACHINES, 2L);
        assertThat(request("c").statusCode()).as("and nothing new granted").isEqualTo(409);

        more.remove("until");
        as("admin")
                .post("/api/v1/requests/{id}/approve", askMore(more).<String>path("id"))
                .then()
                .statusCode(200);
        assertThat(limit(Resource.MACHINES)).as("for good").isEqualTo(2);
    }

    @Test
    void lessThanAskedForIsOfferedForLessTime() {
        quotas.setLimits(BERTH, tenant, Map.of(Resource.MACHINES, 1L));
        String id = askMore(Map.of("resource", "machines", "more", 5, "reason", "a test"))
                .path("id");
        as("admin")
                .body(Map.of("changes", Map.of("more", "6")))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of("changes", Map.of("more", "2", "until", "30")))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(200);
        assertThat(limit(Resource.MACHINES)).isEqualTo(1);
        as(slug + "-user").post("/api/v1/requests/{id}/accept", id).then().statusCode(200);
        assertThat(limit(Resource.MACHINES)).isEqualTo(3);
        assertThat(as("admin")
                        .get("/api/v1/tenants/{tenant}/quota/grants", slug)
                        .<List<Object>>path("items"))
                .hasSize(1);
    }

    @Test
    void differencesAreSaidInWordsAndRepaired() {
        String machine = request("a").path("machineId");
        UUID gone = UUID.randomUUID();
        QuarkusTransaction.requiringNew().run(() -> {
            sql("update quota set used = used + 5 where tenant_id = :tenant and resource = 'vcpus'");
            sql("delete from quota_hold where tenant_id = :tenant and resource = 'disk_gib'");
            em.createNativeQuery(
                            """
                            insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at)
                            values (:gone, 'snapshots', :tenant, 1, false, now())""")
                    .setParameter("gone", gone)
                    .setParameter("tenant", tenant.id())
                    .executeUpdate();
        });

        List<Map<String, Object>> found = differences();
        assertThat(found)
                .extracting(one -> String.valueOf(one.get("detail")))
                .anyMatch(words -> words.contains("6 counts as in use, and the ledger's rows come to 1"))
                .anyMatch(words -> words.contains("has 1 GiB of disk, and the ledger says nothing"))
                .anyMatch(words -> words.contains("something that is not there (" + gone));
        // What is repaired may show what was hidden behind it: a click each until there is none.
        for (int click = 0; click < 10 && !differences().isEmpty(); click++) {
            Map<String, Object> one = differences().get(0);
            as("admin")
                    .body(Map.of("tenantId", one.get("tenantId"), "key", one.get("key")))
                    .post("/api/v1/ledger/repair")
                    .then()
                    .statusCode(200);
        }
        assertThat(differences()).isEmpty();
        assertThat(portal.used(slug))
                .containsEntry(Resource.VCPUS, 1L)
                .containsEntry(Resource.DISK_GIB, 1L)
                .containsEntry(Resource.SNAPSHOTS, 0L);
        assertThat(machine).isNotNull();
    }

    private List<Map<String, Object>> differences() {
        return as("admin").get("/api/v1/ledger?limit=100").<List<Map<String, Object>>>path("items").stream()
                .filter(one -> slug.equals(one.get("tenant")))
                .toList();
    }

    private void sql(String sql) {
        em.createNativeQuery(sql).setParameter("tenant", tenant.id()).executeUpdate();
    }

    private Response askMore(Map<String, Object> more) {
        return as(slug + "-user").body(more).post("/api/v1/tenants/{tenant}/quota/requests", slug);
    }

    private Response request(String name) {
        return as(slug + "-user").body(ask(name)).post("/api/v1/tenants/{tenant}/requests", slug);
    }

    private UUID user() {
        return (UUID) em.createNativeQuery("select id from app_user where username = :name", UUID.class)
                .setParameter("name", slug + "-user")
                .getSingleResult();
    }

    private long limit(Resource resource) {
        return quotas.usage(tenant.id()).stream()
                .filter(use -> use.resource() == resource)
                .findFirst()
                .orElseThrow()
                .limit();
    }
}
