package dev.berth.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Requests as no client of ours sends them, byte by byte: each is refused in order, and none is our own failing. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class BrokenRequestsTest {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final String ADMIN = "Authorization: Basic "
            + Base64.getEncoder().encodeToString(("admin:" + Portal.PASSWORD).getBytes(StandardCharsets.UTF_8))
            + "\r\n";

    @Test
    void aLoginThatIsNoForm() throws IOException {
        assertThat(status("POST /login", "Content-Type: application/json\r\n", "{\"username\": \"alice\"}"))
                .isEqualTo(302);
        assertThat(status("POST /login", "", "")).isEqualTo(302);
    }

    @Test
    void whereNobodyCanBeSentBackTo() throws IOException {
        for (String path : new String[] {"/t/blue/..;/admin", "/t/blue?a=b;c", "/t/blue?a=\"", "/t/blue?a=b,c"}) {
            assertThat(status("GET " + path, "", null)).as(path).isIn(302, 400);
        }
    }

    @Test
    void bodiesThatCantBeTakenApart() throws IOException {
        for (String path : new String[] {"/api/v1/images", "/admin/images"}) {
            for (String boundary : new String[] {"", "; boundary=", "; boundary=\"\""}) {
                assertThat(status(
                                "POST " + path,
                                ADMIN + "Content-Type: multipart/form-data" + boundary + "\r\n",
                                "--\r\n"))
                        .as(path + boundary)
                        .isIn(302, 400, 401);
            }
        }
        assertThat(status(
                        "POST /api/v1/images",
                        ADMIN + "Content-Type: multipart/form-data; boundary=x\r\n",
                        "--y\r\n\r\n--"))
                .isEqualTo(400);
    }

    @Test
    void formsWithBrokenEscapes() throws IOException {
        String cookie = session();
        assertThat(status("POST /t/blue/requests", FORM + cookie, "name=%zz&size=%c0%af&%"))
                .isEqualTo(400);
    }

    @Test
    void lengthsThatAreNone() throws IOException {
        assertThat(raw("POST /api/v1/ssh-keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 411");
        assertThat(raw("POST /api/v1/ssh-keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        + "Content-Length: 9999999999\r\n\r\n{"))
                .startsWith("HTTP/1.1 413");
        assertThat(raw("POST /api/v1/ssh-keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"))
                .startsWith("HTTP/1.1 400");
        assertThat(raw("GET /login HTTP/1.1\r\nHost: x\r\nX-A: " + "b".repeat(100_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
    }

    @Test
    void nobodySaidWhichHost() throws IOException {
        for (String host : new String[] {"", "Host: [::1\r\n", "Host: x\r\nHost: y\r\n", "Host: \u00ff:99999999\r\n"}) {
            assertThat(raw("GET /t/blue HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 400")
                    .contains("Say which host");
        }
        assertThat(raw("GET /q/health/live HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200");
    }

    @Test
    void addressesThatNothingHas() throws IOException {
        for (String path : new String[] {"/t/%00", "/t/blue?q=%00", "/login?error=a%00"}) {
            assertThat(status("GET " + path, ADMIN, null)).as(path).isEqualTo(400);
        }
    }

    private String session() throws IOException {
        String answer = raw(request("POST /login", FORM, "username=alice&password=" + Portal.PASSWORD));
        return answer.lines()
                        .filter(line ->
                                line.toLowerCase(java.util.Locale.ROOT).startsWith("set-cookie: berth-session="))
                        .map(line -> "Cookie: "
                                + line.substring("set-cookie: ".length()).split(";", 2)[0])
                        .findFirst()
                        .orElseThrow()
                + "\r\n";
    }

    private static int status(String what, String headers, String body) throws IOException {
        String answer = raw(request(what, headers, body));
        return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
    }

    private static String request(String what, String headers, String body) {
        return what + " HTTP/1.1\r\nHost: localhost:" + RestAssured.port + "\r\nConnection: close\r\n" + headers
                + (body == null ? "\r\n" : "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Sends it as it is, and returns what comes until the connection ends, in whichever way. */
    private static String raw(String request) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                answer.write(next);
            }
        } catch (IOException e) {
            if (answer.size() == 0) {
                throw e;
            }
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }
}
