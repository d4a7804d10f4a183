package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.tenancy.Resource;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Making teams and users, and a password, without scripts. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class PeoplePagesTest {
    private static final String SECRET = "a few long words";

    @Inject
    Portal portal;

    @Test
    void anAdminMakesATeamWithAUserWhoChangesThePassword() {
        portal.make();
        Browser admin = Browser.of("admin");
        String tag = "w" + UUID.randomUUID().toString().substring(0, 8);

        Response wrong = admin.post(
                "/admin/users",
                Map.of("username", "Not So", "displayName", "Dora <Dale>", "password", SECRET, "admin", "true"));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.asString())
                .contains("value=\"Not So\"", "Dora &lt;Dale&gt;", "id=\"error-username\"", "checked")
                .doesNotContain(SECRET);
        assertThat(admin.post(
                                "/admin/users",
                                Map.of("username", tag, "displayName", "Dora <Dale>", "password", Portal.PASSWORD))
                        .asString())
                .contains("id=\"error-password\"", "at least 10 characters");
        assertThat(admin.post("/admin/users", Map.of("username", tag, "displayName", "Dora <Dale>", "password", SECRET))
                        .statusCode())
                .isEqualTo(303);
        assertThat(admin.html("/admin/users?q=" + tag)).contains("Dora &lt;Dale&gt;");

        Map<String, Object> team = new HashMap<>(Map.of("slug", tag, "name", "Team W"));
        for (Resource resource : Resource.values()) {
            team.put(resource.key(), "3");
        }
        team.put("memory_mib", "x");
        assertThat(admin.post("/admin/tenants", team).asString())
                .contains("id=\"error-memory_mib\"", "value=\"Team W\"");
        team.put("memory_mib", "512");
        Response made = admin.post("/admin/tenants", team);
        assertThat(made.header("Location")).endsWith("/t/" + tag + "/members");
        assertThat(admin.html("/t/" + tag + "/members")).contains("Nobody belongs to this team yet.");
        assertThat(admin.post("/t/" + tag + "/members", Map.of("username", "nobody-at-all", "role", "OWNER"))
                        .asString())
                .contains("id=\"error-username\"", "Nobody has this user name");
        assertThat(admin.post("/t/" + tag + "/members", Map.of("username", tag, "role", "OWNER"))
                        .statusCode())
                .isEqualTo(303);

        Browser dora = Browser.of(tag, SECRET);
        assertThat(dora.html("/t/" + tag + "/members")).contains("Owner", "Add a member");
        assertThat(dora.html("/account")).contains("Team W", "owner");
        assertThat(dora.post(
                                "/account/password",
                                Map.of("current", SECRET, "password", "other long words", "again", "x"))
                        .asString())
                .contains("id=\"error-again\"");
        assertThat(dora.post(
                                "/account/password",
                                Map.of("current", "no", "password", "other long words", "again", "other long words"))
                        .asString())
                .contains("id=\"error-current\"", "not your password")
                .doesNotContain("other long words");
        assertThat(dora.post(
                                "/account/password",
                                Map.of("current", SECRET, "password", "other long words", "again", "other long words"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(Browser.of(tag, "other long words").get("/account").statusCode())
                .isEqualTo(200);

        // A last owner stays, but for an admin.
        Response alone = dora.post("/t/" + tag + "/members/" + tag + "/remove", Map.of());
        assertThat(dora.request()
                        .cookie("berth_flash", alone.cookie("berth_flash"))
                        .get("/t/" + tag + "/members")
                        .asString())
                .contains("last owner");
        admin.post("/t/" + tag + "/members/" + tag + "/remove", Map.of());
        assertThat(dora.get("/t/" + tag + "/members").statusCode()).isEqualTo(404);
        admin.post("/admin/users/" + tag + "/disable", Map.of());
        assertThat(dora.get("/account").statusCode()).isEqualTo(302);
        assertThat(admin.html("/admin/users/" + tag)).contains("Disabled", "id=\"enable\"");
    }

    @Test
    void aPersonSeesWhereTheyAreSignedInAndEndsIt() {
        portal.make();
        String user = portal.tenant(1) + "-user";
        Browser here = Browser.of(user);
        Browser there = Browser.of(user);
        Browser elsewhere = Browser.of(user);
        assertThat(here.html("/account")).contains("this one", "Sign out there", "id=\"end-others\"");
        List<String> ids = Portal.as(user).get("/api/v1/me/logins").path("items.id");
        assertThat(ids).hasSize(3);

        // Nobody ends another person's.
        Portal.as("alice").delete("/api/v1/me/logins/{id}", ids.get(0)).then().statusCode(204);
        Browser.of("alice").post("/account/logins/" + ids.get(1) + "/end", Map.of());
        assertThat(Portal.as(user).get("/api/v1/me/logins").<List<String>>path("items.id"))
                .hasSize(3);

        assertThat(here.post("/account/logins/end-others", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(there.get("/account").statusCode()).isEqualTo(302);
        assertThat(elsewhere.get("/account").statusCode()).isEqualTo(302);
        assertThat(here.html("/account")).contains("this one").doesNotContain("Sign out there", "end-others");

        Browser again = Browser.of(user);
        assertThat(here.post(
                                "/account/password",
                                Map.of("current", Portal.PASSWORD, "password", SECRET, "again", SECRET))
                        .statusCode())
                .isEqualTo(303);
        assertThat(again.get("/account").statusCode())
                .as("its password is another")
                .isEqualTo(302);
        assertThat(here.get("/account").statusCode()).as("the one at hand").isEqualTo(200);

        Portal.as(user, SECRET).delete("/api/v1/me/logins").then().statusCode(204);
        assertThat(here.get("/account").statusCode()).isEqualTo(302);
    }

    @Test
    void aMemberSeesWhoBelongsAndChangesNothing() {
        portal.make();
        Browser alice = Browser.of("alice");
        assertThat(alice.html("/t/blue/members")).contains("bob").doesNotContain("Add a member", "Remove");
        Response refused = alice.post("/t/blue/members", Map.of("username", "carol", "role", "MEMBER"));
        assertThat(refused.statusCode()).isEqualTo(403);
        alice.post("/t/blue/members/bob/remove", Map.of());
        assertThat(alice.html("/t/blue/members")).contains("bob");
    }
}
