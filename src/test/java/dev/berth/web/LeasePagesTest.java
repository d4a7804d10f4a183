package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.LeaseRows;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people see of leases, the buttons that extend them, and the calendar of their ends. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class LeasePagesTest {
    private static final Pattern ADDRESS = Pattern.compile("/calendar/[A-Za-z0-9_-]{43}\\.ics");

    @Inject
    Portal portal;

    @Inject
    LeaseRows leases;

    @Inject
    EntityManager em;

    private String tenant;
    private Browser member;
    private Browser admin;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(10);
        member = Browser.of(tenant + "-user");
        admin = Browser.of("admin");
    }

    @Test
    void oneClickExtendsAndAnAdminPins() {
        String id = machine("web-1");
        String page = "/t/" + tenant + "/machines/" + id;
        assertThat(member.html(page)).doesNotContain("id=\"lease-notice\"", "id=\"pin\"");

        leases.set(id, "WARNED", "12 hours", null);
        assertThat(member.html(page)).contains("id=\"lease-notice\"", "The lease ends soon: 12 hours left");
        assertThat(member.html("/t/" + tenant + "/machines?sort=lease")).contains("level-over\">12 hours left");
        assertThat(member.html("/t/" + tenant + "/machines?lease=warned")).contains("web-1");
        assertThat(member.html("/t/" + tenant + "/machines?lease=grace")).contains("No machine fits this filter");
        assertThat(member.html("/t/" + tenant)).contains("12 hours left", "Extend web-1");
        assertThat(member.post(page + "/extend", Map.of()).statusCode()).isEqualTo(303);
        assertThat(state(id)).isEqualTo("ACTIVE");
        assertThat(member.html(page)).contains("2 days left").doesNotContain("id=\"lease-notice\"");

        leases.set(id, "GRACE", "-2 days", "5 days");
        assertThat(member.html(page))
                .contains("The lease has ended.", "Keep it for 2 days", "Ended; deleted in 5 days");
        assertThat(member.post(page + "/extend", Map.of()).statusCode()).isEqualTo(303);
        assertThat(state(id)).isEqualTo("ACTIVE");

        assertThat(member.post(page + "/pin", Map.of()).statusCode()).isEqualTo(403);
        assertThat(state(id)).isEqualTo("ACTIVE");
        assertThat(admin.post(page + "/pin", Map.of()).statusCode()).isEqualTo(303);
        assertThat(state(id)).isEqualTo("PINNED");
        assertThat(member.html(page)).contains("No end", "an admin pinned it");
        assertThat(admin.post(page + "/unpin", Map.of()).statusCode()).isEqualTo(303);
        assertThat(state(id)).isEqualTo("ACTIVE");
    }

    @Test
    void aLongerLeaseIsAskedForAndWaitsForAYes() {
        String id = machine("longer");
        String page = "/t/" + tenant + "/machines/" + id;
        assertThat(member.html(page)).contains("30 days (needs a yes)");
        assertThat(member.post(page + "/extend", Map.of("hours", 720, "reason", " "))
                        .asString())
                .contains("id=\"error-reason\"");
        assertThat(member.post(page + "/extend", Map.of("hours", 720, "reason", "A <b>long</b> test"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(member.html(page)).contains("id=\"lease-asked\"", "30 days from the decision on");
        assertThat(member.post(page + "/extend", Map.of("hours", 720, "reason", "again"))
                        .statusCode())
                .isEqualTo(409);
        String request = as(tenant + "-user")
                .get("/api/v1/requests?state=pending")
                .path("items.find { it.kind == 'EXTENSION' }.id");
        assertThat(member.html("/t/" + tenant + "/requests/" + request))
                .contains("A &lt;b&gt;long&lt;/b&gt; test", "a lease over 48 hours");
        assertThat(as("admin").post("/api/v1/requests/{id}/approve", request).statusCode())
                .isEqualTo(200);
        assertThat(member.html(page)).contains("30 days left").doesNotContain("id=\"lease-asked\"");
    }

    @Test
    void severalAreExtendedFromTheList() {
        String one = machine("one");
        String two = machine("two");
        leases.set(one, "GRACE", "-1 hour", "6 days");
        leases.set(two, "ACTIVE", "20 days", null);
        String page = "/t/" + tenant + "/machines/bulk";
        assertThat(member.html(page + "?action=extend&id=" + one + "&id=" + two))
                .contains("Extend 2 machines?", "20 days left");
        assertThat(member.post(page, Map.of("action", "extend", "id", one)).statusCode())
                .isEqualTo(303);
        assertThat(member.post(page, Map.of("action", "extend", "id", two)).statusCode())
                .isEqualTo(303);
        assertThat(state(one)).isEqualTo("ACTIVE");
        assertThat(as("admin").get("/api/v1/machines/{id}", two).<String>path("leaseUntil"))
                .satisfies(until ->
                        assertThat(Instant.parse(until)).isAfter(Instant.now().plus(19, ChronoUnit.DAYS)));
    }

    @Test
    void theCalendarNeedsNoLoginAndOpensNothingElse() {
        String id = machine("in-calendar");
        leases.set(id, "GRACE", "-2 days", "5 days");
        machine("second");
        assertThat(member.html("/account")).contains("Make an address").doesNotContain("/calendar/A");

        String address = address(member.post("/account/calendar", Map.of()));
        Response feed = given().get(address);
        assertThat(feed.statusCode()).isEqualTo(200);
        assertThat(feed.contentType()).startsWith("text/calendar");
        assertThat(feed.asString())
                .startsWith("BEGIN:VCALENDAR\r\n")
                .contains("UID:lease-" + id + "@berth", "UID:deletion-" + id + "@berth", "second (team " + tenant);
        assertThat(member.html("/account")).doesNotContain(address).contains("Make a new address");
        assertThat(em.createNativeQuery("select digest from calendar_feed", String.class)
                        .getResultList())
                .noneMatch(digest -> address.contains(digest.toString()));

        String second = address(member.post("/account/calendar", Map.of()));
        assertThat(given().get(address).statusCode()).isEqualTo(404);
        assertThat(given().get(second).statusCode()).isEqualTo(200);
        assertThat(member.post("/account/calendar/revoke", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(given().get(second).statusCode()).isEqualTo(404);
        assertThat(given().get("/calendar/x.ics").statusCode()).isEqualTo(404);

        String third = address(member.post("/account/calendar", Map.of()));
        as("admin").delete("/api/v1/tenants/{tenant}/members/{user}", tenant, tenant + "-user");
        assertThat(given().get(third).asString()).contains("BEGIN:VCALENDAR").doesNotContain("in-calendar");
    }

    private static String address(Response page) {
        Matcher address = ADDRESS.matcher(page.asString());
        assertThat(address.find()).isTrue();
        return address.group();
    }

    private String machine(String name) {
        return as(tenant + "-user")
                .body(ask(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId");
    }

    private String state(String id) {
        return as("admin").get("/api/v1/machines/{id}", id).path("leaseState");
    }
}
