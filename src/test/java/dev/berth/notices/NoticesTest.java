package dev.berth.notices;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.berth.common.Notice;
import dev.berth.security.TenantRole;
import dev.berth.security.Users;
import dev.berth.tenancy.InvitationMade;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.web.Browser;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.MailMessage;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.mail.Message;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens reaches people by the bell, by mail through a real mail server, and programs by webhooks. */
@QuarkusTest
@TestProfile(NoticesProfile.class)
@QuarkusTestResource(PostgresResource.class)
class NoticesTest {
    @Inject
    Portal portal;

    @Inject
    Users users;

    @Inject
    Event<Notice> events;

    @Inject
    DataSource database;

    @Inject
    Event<InvitationMade> invitations;

    @Inject
    MailConfig mail;

    @Inject
    Vertx vertx;

    @Inject
    TlsConfigurationRegistry tls;

    @ConfigProperty(name = "berth.mail.port")
    int mailPort;

    private GreenMail mailServer;
    private Ears ears;
    private String tenant;
    private String user;
    private UUID userId;

    @BeforeEach
    void make() throws IOException {
        portal.make();
        tenant = portal.tenant(3);
        user = tenant + "-user";
        userId = users.find(user).orElseThrow().id();
        mailServer = new GreenMail(new ServerSetup(mailPort, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mailServer.start();
        ears = new Ears();
    }

    @AfterEach
    void close() {
        mailServer.stop();
        ears.close();
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(50));
    }

    private void tell(String key, String title, String text) {
        tell(new Notice(
                Notice.Topic.MACHINE,
                new Notice.Audience.Person(userId),
                key,
                title,
                text,
                "/t/" + tenant + "/machines"));
    }

    private void tell(Notice notice) {
        QuarkusTransaction.requiringNew().run(() -> events.fire(notice));
    }

    /** An address that its reader has confirmed. */
    private String email(String username) {
        String address = typed(username);
        try {
            execute("update app_user set confirmed_email = email where username = '%s'".formatted(username));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return address;
    }

    private String typed(String username) {
        String address = username + "@example.org";
        as("admin")
                .body(Map.of("email", address))
                .put("/api/v1/users/{user}/email", username)
                .then()
                .statusCode(200)
                .body("email", equalTo(address));
        return address;
    }

    private List<MimeMessage> mailTo(String address) {
        return Arrays.stream(mailServer.getReceivedMessages())
                .filter(message -> recipients(message).equals(List.of(address)))
                .toList();
    }

    private static List<String> recipients(MimeMessage message) {
        try {
            return Arrays.stream(message.getRecipients(Message.RecipientType.TO))
                    .map(Object::toString)
                    .toList();
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void decisionsReachTheRequesterAndRequestsTheAdmins() {
        String address = email(user);
        String request = as(user).body(largeAsk("big"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("id");
        as("admin").get("/api/v1/notices").then().body("items.title", hasItem(user + " of " + tenant + " asks: big"));
        as("admin")
                .body(Map.of("reason", "Too large for a test."))
                .post("/api/v1/requests/{id}/deny", request)
                .then()
                .statusCode(200);
        as(user).get("/api/v1/notices?unread=true")
                .then()
                .body("items.size()", equalTo(1))
                .body("items[0].topic", equalTo("DECISION"))
                .body("items[0].text", containsString("Too large for a test."))
                .body("items[0].path", equalTo("/t/" + tenant + "/requests/" + request));
        Browser browser = Browser.of(user);
        assertThat(browser.html("/t/" + tenant)).contains("Notices, 1 unread");
        assertThat(browser.html("/notices/bell")).contains("Notices, 1 unread");
        assertThat(browser.html("/notices")).contains("big is denied");
        String id = as(user).get("/api/v1/notices").path("items[0].id");
        as("admin").post("/api/v1/notices/{id}/read", id).then().statusCode(404);
        assertThat(browser.post("/notices/" + id + "/open", Map.of()).header("Location"))
                .endsWith("/t/" + tenant + "/requests/" + request);
        assertThat(browser.html("/notices/bell")).contains("Notices, 0 unread");
        await().until(() -> mailTo(address).size() == 1);
    }

    @Test
    void mailIsTextAndHtmlAndNothingGetsIntoItsHeaders() throws Exception {
        String address = email(user);
        tell(
                "hostile",
                "web-1 failed\r\nBcc: evil@example.org\r\n\r\n<b>body</b>",
                "First line\nSecond <img src=x onerror=alert(1)> line");
        await().until(() -> mailTo(address).size() == 1);
        MimeMessage mail = mailTo(address).get(0);
        assertThat(mail.getSubject()).isEqualTo("[Berth] web-1 failed  Bcc: evil@example.org    <b>body</b>");
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(mail.getAllRecipients()).hasSize(1);
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        mail.writeTo(raw);
        assertThat(raw.toString(StandardCharsets.UTF_8)).contains("multipart/alternative");
        List<String> parts = new ArrayList<>();
        var content = (jakarta.mail.Multipart) mail.getContent();
        for (int i = 0; i < content.getCount(); i++) {
            parts.add(content.getBodyPart(i).getContentType() + "\n"
                    + content.getBodyPart(i).getContent());
        }
        assertThat(parts.get(0))
                .startsWith("text/plain")
                .contains("First line", "http://localhost/t/" + tenant + "/machines");
        assertThat(parts.get(1))
                .startsWith("text/html")
                .contains("&lt;img src=x", "href=\"http://localhost/t/" + tenant + "/machines\"")
                .doesNotContain("<img");
        for (String evil : List.of("a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "a b@c", "a", "a@-b")) {
            as(user).body(Map.of("email", evil))
                    .put("/api/v1/users/{user}/email", user)
                    .then()
                    .statusCode(400);
        }
        as(user).body(Map.of("email", "x@y"))
                .put("/api/v1/users/alice/email")
                .then()
                .statusCode(403);
    }

    @Test
    void mailGoesWhereItsReaderHasConfirmedIt() throws Exception {
        execute("update app_user set email = '', confirmed_email = '' where username = '%s'".formatted(user));
        execute("delete from email_code");
        String address = "typed-" + UUID.randomUUID() + "@example.org";
        Browser browser = Browser.of(user);
        browser.post("/account/notices/email", Map.of("email", address));
        assertThat(browser.html("/account/notices")).contains("unconfirmed", "confirm-email");
        await().until(() -> mailTo(address).size() == 1);
        String first = code(address, 0);
        tell("to-a-stranger", "Not for a stranger", "");
        as(user).get("/api/v1/notices").then().body("items.title", hasItem("Not for a stranger"));
        assertThat(count("select count(*) from delivery where key = 'to-a-stranger'"))
                .isZero();

        // The last code alone is good, for whom it was made, five times at most and for half an hour.
        confirm("alice", first, 400);
        as(user).post("/api/v1/me/email/code").then().statusCode(204);
        await().until(() -> mailTo(address).size() == 2);
        String second = code(address, 1);
        confirm(user, first.equals(second) ? "12" : first, 400);
        execute("update email_code set expires_at = now() where email = '%s'".formatted(address));
        confirm(user, second, 400);
        execute("update email_code set expires_at = now() + interval '1 hour' where email = '%s'".formatted(address));
        for (int wrong = 0; wrong < 3; wrong++) {
            assertThat(browser.post("/account/notices/email/confirm", Map.of("code", "12"))
                            .asString())
                    .contains("id=\"error-code\"");
        }
        confirm(user, second, 400);

        as(user).post("/api/v1/me/email/code").then().statusCode(204);
        await().until(() -> mailTo(address).size() == 3);
        String third = code(address, 2);
        assertThat(browser.post("/account/notices/email/confirm", Map.of("code", third))
                        .statusCode())
                .isEqualTo(303);
        assertThat(browser.html("/account/notices"))
                .contains("id=\"confirmed\"")
                .doesNotContain("unconfirmed");
        as("admin").get("/api/v1/users/{user}", user).then().body("emailConfirmed", equalTo(true));
        confirm(user, third, 400);
        as(user).post("/api/v1/me/email/code").then().statusCode(409);
        tell("to-its-reader", "For its reader", "");
        await().until(() -> mailTo(address).size() == 4);

        // Another address is another matter; and however often one asks, few codes go out.
        String other = "other-" + UUID.randomUUID() + "@example.org";
        browser.post("/account/notices/email", Map.of("email", other));
        as("admin").get("/api/v1/users/{user}", user).then().body("emailConfirmed", equalTo(false));
        as(user).post("/api/v1/me/email/code").then().statusCode(204);
        as(user).post("/api/v1/me/email/code").then().statusCode(429);
        await().until(() -> mailTo(other).size() == 2);
        tell("to-another", "Not there either", "");
        assertThat(count("select count(*) from delivery where key = 'to-another'"))
                .isZero();
        execute("delete from email_code");
    }

    private String code(String address, int number) throws Exception {
        String text = mailTo(address).get(number).getContent().toString();
        Matcher code = Pattern.compile("\\b(\\d{8})\\b").matcher(text);
        assertThat(code.find()).as(text).isTrue();
        return code.group(1);
    }

    private static void confirm(String username, String code, int status) {
        as(username)
                .body(Map.of("code", code))
                .post("/api/v1/me/email/confirm")
                .then()
                .statusCode(status);
    }

    @Test
    void mailWaitsForItsServer() {
        String address = email(user);
        mailServer.stop();
        tell("while-down", "Said while the server was down", "");
        await().until(() -> count("select attempts from delivery where key = 'while-down'") >= 1);
        mailServer.start();
        await().until(() -> mailTo(address).size() == 1);
        await().until(() -> count("select count(*) from delivery where key = 'while-down' and state = 'SENT'") == 1);
    }

    /** It takes connections and says nothing: a dead machine behind a proxy, say. */
    @Test
    void mailWaitsForAServerThatSaysNothingAndNothingElseDoes() throws Exception {
        String address = email(user);
        mailServer.stop();
        MailServer impatient = new MailServer(vertx, tls, mail, Duration.ofMillis(500));
        List<Socket> held = new CopyOnWriteArrayList<>();
        ServerSocket silent = new ServerSocket(mailPort, 50, InetAddress.getByName("127.0.0.1"));
        try (impatient) {
            Thread accepting = new Thread(() -> {
                while (!silent.isClosed()) {
                    try {
                        held.add(silent.accept());
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            accepting.start();
            as("admin")
                    .body(Map.of("name", "Ears", "url", ears.url("/silent"), "topics", List.of("MACHINE")))
                    .post("/api/v1/tenants/{tenant}/webhooks", tenant)
                    .then()
                    .statusCode(201);
            tell("silent", "Said while the server said nothing", "");
            await().until(() -> !held.isEmpty());
            assertThat(Browser.of(user).html("/notices")).contains("Said while the server said nothing");
            await().until(() ->
                    ears.heard().stream().anyMatch(call -> call.body().contains("Said while the server said nothing")));

            MailMessage message = new MailMessage("berth@example.org", address, "Impatient", "Hello.");
            assertThatThrownBy(() -> impatient.send(message))
                    .isInstanceOf(UndeliveredException.class)
                    .hasMessageContaining("said nothing");
            silent.close();
            accepting.join();
            mailServer.start();
            // What it holds open still is no connection of ours any more.
            await().ignoreExceptions().until(() -> {
                impatient.send(message);
                return true;
            });
            await().until(() -> mailTo(address).stream()
                    .anyMatch(letter -> subject(letter).endsWith("Said while the server said nothing")));
        } finally {
            silent.close();
            for (Socket socket : held) {
                socket.close();
            }
            if (!mailServer.isRunning()) {
                mailServer.start();
            }
        }
    }

    @Test
    void invitationsGoToPeopleWhoHaveNoAccount() throws Exception {
        execute("update app_user set display_name = E'Ann\\r\\nBcc: x@example.org <b>' where username = '" + user
                + "'");
        String address = "zoe-" + tenant + "@example.org";
        UUID id = invite(address);
        QuarkusTransaction.requiringNew().run(() -> {
            invitations.fire(new InvitationMade(id));
            invitations.fire(new InvitationMade(id));
        });
        await().until(() -> mailTo(address).size() == 1);
        MimeMessage letter = mailTo(address).get(0);
        assertThat(subject(letter))
                .startsWith("[Berth] Ann")
                .endsWith(" invites you to the team Tenant " + tenant)
                .doesNotContain("\r", "\n");
        assertThat(letter.getHeader("Bcc")).isNull();
        var parts = (jakarta.mail.Multipart) letter.getContent();
        assertThat(String.valueOf(parts.getBodyPart(0).getContent()))
                .contains("Sign in with the address " + address, "http://localhost/");
        assertThat(String.valueOf(parts.getBodyPart(1).getContent()))
                .contains("&lt;b&gt;", "href=\"http://localhost/\"")
                .doesNotContain("<b>");
        await().until(() ->
                count("select count(*) from delivery where invitation_id = '" + id + "' and state = 'SENT'") == 1);
        execute("delete from invitation where id = '" + id + "'");
        assertThat(count("select count(*) from delivery where invitation_id = '" + id + "'"))
                .isZero();
    }

    private UUID invite(String address) throws SQLException {
        UUID id = UUID.randomUUID();
        execute("insert into invitation (id, tenant_id, email, role, invited_by, created_at, expires_at) values ('" + id
                + "', '" + portalTenant() + "', '" + address + "', 'MEMBER', '" + user
                + "', now(), now() + interval '1 day')");
        return id;
    }

    private static String subject(MimeMessage message) {
        try {
            return message.getSubject();
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isToldOnceAndOnlyIfItIsSo() throws Exception {
        String address = email(user);
        tell("once", "Only once", "");
        tell("once", "Only once, said again", "");
        assertThatThrownBy(() -> QuarkusTransaction.requiringNew().run(() -> {
                    events.fire(new Notice(
                            Notice.Topic.MACHINE, new Notice.Audience.Person(userId), "never", "Never so", "", "/"));
                    throw new IllegalStateException("rolled back");
                }))
                .hasMessageContaining("rolled back");
        as(user).get("/api/v1/notices")
                .then()
                .body("items.size()", equalTo(1))
                .body("items[0].title", equalTo("Only once"));
        await().until(() -> mailTo(address).size() == 1);
        await().until(() -> count("select count(*) from delivery where key = 'once' and state = 'SENT'") == 1);
        // Whoever claimed it died before writing down that it was sent: it goes out again, under the same id.
        execute("update delivery set state = 'WAITING', due_at = now() - interval '1 second' where key = 'once'");
        await().until(() -> mailTo(address).size() == 2);
        assertThat(mailTo(address).get(0).getMessageID())
                .isEqualTo(mailTo(address).get(1).getMessageID());
    }

    @Test
    void eachChoosesWhatTheyHear() {
        String address = email(user);
        Browser browser = Browser.of(user);
        assertThat(browser.html("/account/notices")).doesNotContain("mail-off").contains("value=\"" + address + "\"");
        browser.post("/account/notices", Map.of("bell", List.of("LEASE"), "mail", List.of("MACHINE")));
        tell("no-bell", "By mail alone", "");
        tell(new Notice(
                Notice.Topic.LEASE, new Notice.Audience.Person(userId), "no-mail", "By bell alone", "", "/notices"));
        await().until(() -> mailTo(address).size() == 1);
        as(user).get("/api/v1/notices")
                .then()
                .body("items.title", hasItem("By bell alone"))
                .body("items.title", not(hasItem("By mail alone")));
        as(user).body(Map.of("on", Map.of("LEASE", List.of())))
                .put("/api/v1/notice-switches")
                .then()
                .statusCode(200)
                .body("mailOn", equalTo(true))
                .body("on.LEASE.size()", equalTo(0))
                .body("on.MACHINE", equalTo(List.of("MAIL")));
        assertThat(mailTo(address)).hasSize(1);
    }

    @Test
    void whoHasLeftTheTeamHearsNoMoreOfIt() {
        as("admin")
                .delete("/api/v1/tenants/{tenant}/members/{user}", tenant, user)
                .then()
                .statusCode(204);
        tell("left", "Not for you any more", "");
        as(user).get("/api/v1/notices").then().body("items.size()", equalTo(0));
    }

    @Test
    void webhooksAreSignedAndTriedUntilTheyAnswer() throws Exception {
        String secret = webhook("admin", tenant, ears.url("/hook?x=1"), 201).path("secret");
        AtomicInteger calls = new AtomicInteger();
        ears.answer = () -> calls.incrementAndGet() <= 2 ? 503 : 204;
        tell("signed", "For programs", "Text");
        await().until(() -> ears.heard().size() == 3);
        Ears.Heard last = ears.heard().get(2);
        assertThat(ears.heard()).extracting(Ears.Heard::id).containsOnly(last.id());
        assertThat(last.path()).isEqualTo("/hook?x=1");
        assertThat(last.body()).contains("\"type\":\"notice.machine\"", "\"title\":\"For programs\"");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replace("whsec_", "")), "HmacSHA256"));
        assertThat(last.signature())
                .isEqualTo("v1,"
                        + Base64.getEncoder()
                                .encodeToString(mac.doFinal((last.id() + "." + last.timestamp() + "." + last.body())
                                        .getBytes(StandardCharsets.UTF_8))));
        String id = as("admin").get("/api/v1/tenants/{tenant}/webhooks", tenant).path("items[0].id");
        await().untilAsserted(() -> as("admin")
                .get("/api/v1/webhooks/{id}/deliveries", id)
                .then()
                .body("items[0].state", equalTo("SENT"))
                .body("items[0].attempts", equalTo(3))
                .body("items[0].status", equalTo(204)));
        as("admin").get("/api/v1/webhooks/{id}", id).then().body("secret", equalTo(null));
        assertThat(Browser.of("admin").html("/t/" + tenant + "/webhooks/" + id)).contains("delivery-sent");
        assertThat(Browser.of("admin").html("/t/" + tenant + "/webhooks")).doesNotContain("whsec_");
    }

    @Test
    void webhooksThatFailSaySoAndCanBeTriedAgain() throws SQLException {
        String id = webhook("admin", tenant, ears.url("/moved"), 201).path("id");
        ears.answer = () -> 302;
        as("admin").post("/api/v1/webhooks/{id}/test", id).then().statusCode(204);
        await().untilAsserted(() -> as("admin")
                .get("/api/v1/webhooks/{id}/deliveries", id)
                .then()
                .body("items[0].state", equalTo("WAITING"))
                .body("items[0].error", containsString("redirect")));
        // The next try is the last one.
        execute("update delivery set attempts = 50, due_at = now(), claimed_until = null where webhook_id = '%s'"
                .formatted(id));
        await().untilAsserted(() -> as("admin")
                .get("/api/v1/webhooks/{id}/deliveries", id)
                .then()
                .body("items[0].state", equalTo("FAILED"))
                .body("items[0].attempts", equalTo(51)));
        assertThat(ears.heard()).extracting(Ears.Heard::path).containsOnly("/moved");
        ears.answer = () -> 200;
        String delivery =
                as("admin").get("/api/v1/webhooks/{id}/deliveries", id).path("items[0].id");
        as("admin")
                .post("/api/v1/webhooks/{id}/deliveries/{delivery}/retry", id, delivery)
                .then()
                .statusCode(200);
        await().untilAsserted(() ->
                as("admin").get("/api/v1/webhooks/{id}/deliveries", id).then().body("items[0].state", equalTo("SENT")));
        as("admin").delete("/api/v1/webhooks/{id}", id).then().statusCode(204);
        as("admin").get("/api/v1/webhooks/{id}/deliveries", id).then().statusCode(404);
    }

    @Test
    void eachIsSentByOneAlone() {
        webhook("admin", tenant, ears.url("/many"), 201);
        int many = 25;
        QuarkusTransaction.requiringNew().run(() -> {
            for (int i = 0; i < many; i++) {
                events.fire(new Notice(
                        Notice.Topic.MACHINE,
                        new Notice.Audience.Owners(portalTenant()),
                        "many-" + i,
                        "Number " + i,
                        "",
                        "/"));
            }
        });
        await().until(() -> count("select count(*) from delivery where key like 'many-%' and state = 'SENT'") == many);
        assertThat(ears.heard())
                .extracting(Ears.Heard::id)
                .doesNotHaveDuplicates()
                .hasSize(many);
    }

    @Test
    void webhooksAreForOwnersAndGoNowhereInside() {
        webhook(user, tenant, ears.url("/"), 403);
        as("admin")
                .body(Map.of("role", TenantRole.OWNER))
                .put("/api/v1/tenants/{tenant}/members/{user}", tenant, user)
                .then()
                .statusCode(200);
        for (String inside : List.of(
                "http://10.0.0.1/",
                "http://169.254.169.254/latest/meta-data",
                "https://[::1]/",
                "http://[::ffff:10.0.0.1]/",
                "http://192.168.1.1:8080/",
                "http://0x0a000001/",
                "ftp://example.org/",
                "http://user:secret@example.org/",
                "file:///etc/passwd",
                "nonsense")) {
            webhook(user, tenant, inside, 400);
        }
        String id = webhook(user, tenant, ears.url("/"), 201).path("id");
        String other = portal.tenant(1);
        as(other + "-user").get("/api/v1/webhooks/{id}", id).then().statusCode(404);
        as(user).get("/api/v1/webhooks").then().statusCode(403);
        assertThat(Browser.of(user).get("/admin/webhooks/" + id).statusCode()).isEqualTo(403);
        assertThat(Browser.of("admin").get("/admin/webhooks/" + id).statusCode())
                .isEqualTo(404);
        String page = Browser.of(user)
                .post(
                        "/t/" + tenant + "/webhooks",
                        Map.of("name", "From the page", "url", ears.url("/page"), "topics", List.of("MACHINE")))
                .asString();
        assertThat(page).contains("secret-once", "whsec_");
    }

    private UUID portalTenant() {
        try (var connection = database.getConnection();
                var query = connection.prepareStatement("select id from tenant where slug = ?")) {
            query.setString(1, tenant);
            var rows = query.executeQuery();
            rows.next();
            return rows.getObject(1, UUID.class);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static io.restassured.response.Response webhook(String caller, String tenant, String url, int status) {
        return as(caller)
                .body(Map.of("name", "Hook", "url", url, "topics", List.of("MACHINE")))
                .post("/api/v1/tenants/{tenant}/webhooks", tenant)
                .then()
                .statusCode(status)
                .extract()
                .response();
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
