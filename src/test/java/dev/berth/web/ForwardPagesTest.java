package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Opening and closing a port as a browser without scripts does it. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ForwardPagesTest {
    @Inject
    Portal portal;

    private String tenant;
    private Browser browser;
    private String page;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(2);
        browser = Browser.of(tenant + "-user");
        String machine = as(tenant + "-user")
                .body(ask("web"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId");
        page = "/t/" + tenant + "/machines/" + machine + "/ports";
    }

    @Test
    void saysWhatItIsForThenOpensAndCloses() {
        assertThat(browser.html(page)).contains("No port is open.", "SSH or a web server", "0 of 5 in use", "20000");

        Response opened = browser.post(
                page, Map.of("protocol", "TCP", "guestPort", "22", "hostPort", "20801", "description", "<b>farm</b>"));
        assertThat(opened.statusCode()).isEqualTo(303);
        assertThat(opened.header("Location")).endsWith(page);
        String html = browser.html(page);
        assertThat(html)
                .contains(":20801", "ssh -p 20801 user@", "Opening", "1 of 5 in use", "&lt;b&gt;farm&lt;/b&gt;")
                .doesNotContain("<b>farm");
        assertThat(browser.html(page + "/now")).contains(":20801").doesNotContain("<html");

        String close = html.replaceAll("(?s).*action=\"([^\"]*/close)\".*", "$1");
        assertThat(browser.post(close, Map.of()).statusCode()).isEqualTo(303);
        assertThat(browser.post(close, Map.of()).statusCode()).as("twice").isEqualTo(303);
        assertThat(browser.html(page)).contains("No port is open.", "0 of 5 in use");
        assertThat(browser.html("/t/" + tenant + "/activity")).contains("opened a port of", "closed a port of");
    }

    @Test
    void losesNothingTypedWhenSomethingIsWrong() {
        Response refused = browser.post(
                page, Map.of("protocol", "UDP", "guestPort", "99999", "hostPort", "80", "description", "kept"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString())
                .contains("value=\"99999\"", "value=\"80\"", "value=\"kept\"", "from 1 to 65535", "from 20000 to 20999")
                .contains("<option value=\"UDP\" selected>");
    }

    @Test
    void saysWhatIsTaken() {
        Map<String, String> form = Map.of("protocol", "TCP", "guestPort", "22", "hostPort", "20802", "description", "");
        assertThat(browser.post(page, form).statusCode()).isEqualTo(303);
        Response again = browser.post(page, form);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.asString()).contains("Port 22 (TCP) of the machine is open already");
    }

    @Test
    void isNotFoundByOthersOrUnderAnotherTeam() {
        String other = portal.tenant(1);
        assertThat(Browser.of(other + "-user").get(page).statusCode()).isEqualTo(404);
        assertThat(Browser.of("admin")
                        .get(page.replace("/t/" + tenant, "/t/blue"))
                        .statusCode())
                .isEqualTo(404);
    }
}
