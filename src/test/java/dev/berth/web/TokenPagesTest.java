package dev.berth.web;

import static dev.berth.testing.Portal.by;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.security.Scope;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A person makes a token on the page, sees it once and revokes it; an admin revokes another's. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class TokenPagesTest {
    private static final Pattern TOKEN = Pattern.compile("data-copy=\"(berth_[A-Za-z0-9_-]{43})\"");
    private static final Pattern REVOKE = Pattern.compile("action=\"(/[a-z0-9/-]+/revoke)\"");

    @Inject
    Portal portal;

    private static String found(Pattern pattern, String html) {
        Matcher matcher = pattern.matcher(html);
        assertThat(matcher.find()).as(html).isTrue();
        return matcher.group(1);
    }

    @Test
    void isMadeShownOnceAndRevoked() {
        portal.make();
        String tenant = portal.tenant(1);
        Browser user = Browser.of(tenant + "-user");
        assertThat(user.html("/account/tokens"))
                .contains("You have no token yet.", "Tenant " + tenant + " alone", "value=\"30\"", "At most 365 days");

        Response wrong = user.post("/account/tokens", Map.of("name", "<b>", "scopes", "admin", "days", "400"));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.asString())
                .contains("value=\"&lt;b&gt;\"", "Only an admin may give admin.", "id=\"error-days\"")
                .doesNotContain("token-once");

        Response made = user.post(
                "/account/tokens", Map.of("name", "<b>", "scopes", "machines", "tenant", tenant, "days", "7"));
        assertThat(made.statusCode()).isEqualTo(200);
        assertThat(made.header("Cache-Control")).isEqualTo("no-store");
        assertThat(made.asString()).contains("token-once", "&lt;b&gt;", "in 7 days");
        String token = found(TOKEN, made.asString());
        by(token).get("/api/v1/me").then().statusCode(200);

        String list = user.html("/account/tokens");
        assertThat(list).contains("&lt;b&gt;", tenant).doesNotContain("berth_A", token);
        Response revoked = user.post(found(REVOKE, list), Map.of());
        assertThat(revoked.statusCode()).isEqualTo(303);
        by(token).get("/api/v1/me").then().statusCode(401);
        assertThat(user.html("/account/tokens")).contains("You have no token yet.");
    }

    @Test
    void adminsEndWhatOthersMade() {
        portal.make();
        String username = portal.tenant(1) + "-user";
        String token = portal.token(username, Set.of(Scope.READ), null);
        Browser admin = Browser.of("admin");
        String page = "/admin/users/" + username + "/tokens";
        assertThat(admin.html("/admin/users/" + username)).contains(page);
        String list = admin.html(page);
        assertThat(list).contains("all teams", "never");
        assertThat(Browser.of("alice").get(page).statusCode()).isEqualTo(403);
        assertThat(Browser.of("alice").post(found(REVOKE, list), Map.of()).statusCode())
                .isEqualTo(403);
        by(token).get("/api/v1/me").then().statusCode(200);
        assertThat(admin.post(found(REVOKE, list), Map.of()).statusCode()).isEqualTo(303);
        by(token).get("/api/v1/me").then().statusCode(401);
        assertThat(admin.html(page)).contains("There are none.");
    }
}
