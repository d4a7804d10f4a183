package dev.berth.console;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.berth.security.Credential;
import dev.berth.tenancy.Tenants;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay between a browser's WebSocket and a VNC server, here one that does what the test wants. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
class ConsoleRelayTest {
    @TestHTTPResource("/")
    URI portal;

    @Inject
    ConsoleFixture fixture;

    @Inject
    ConsoleTickets tickets;

    @Inject
    Tenants tenants;

    @Inject
    OpenConsoles consoles;

    @Inject
    FakeScreens screens;

    @Inject
    MeterRegistry metrics;

    @TempDir
    Path directory;

    @BeforeEach
    void link() {
        fixture.machine(ConsoleFixture.FAR);
        fixture.workerUrl(ConsoleFixture.FAR, portal.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {ConsoleFixture.NEAR, ConsoleFixture.FAR})
    void carriesBytesAsTheyAreBothWays(String host) throws Exception {
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo);
                ConsoleClient browser = open(machine(host, vnc))) {
            for (int at = 0; at < bytes.length; at += 60_000) {
                browser.send(java.util.Arrays.copyOfRange(bytes, at, Math.min(at + 60_000, bytes.length)));
            }
            assertThat(browser.take(bytes.length)).isEqualTo(bytes);
        }
        patiently().untilAsserted(() -> assertThat(sessions()).isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "null", "http://localhost.evil.example", "http://localhost:1", ""})
    void refusesForeignOriginsBeforeTheUpgrade(String origin) throws Exception {
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            String url = ticket(machine(ConsoleFixture.NEAR, vnc)).url();
            assertThatThrownBy(() -> ConsoleClient.open(portal, url, origin.isEmpty() ? null : origin))
                    .hasCauseInstanceOf(WebSocketHandshakeException.class)
                    .satisfies(e -> assertThat(((WebSocketHandshakeException) e.getCause())
                                    .getResponse()
                                    .statusCode())
                            .isEqualTo(403));
            assertThat(vnc.peers()).isEmpty();
            // The ticket was not used up by the foreign page.
            ConsoleClient.open(portal, url).close();
        }
    }

    @Test
    void tellsAUsedTicketByTheCloseCode() throws Exception {
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            String url = ticket(machine(ConsoleFixture.NEAR, vnc)).url();
            ConsoleClient.open(portal, url).close();
            patiently().untilAsserted(() -> assertThat(
                            ConsoleClient.open(portal, url).ending().code())
                    .isEqualTo(4001));
            assertThat(ConsoleClient.open(portal, ConsoleGateway.PATH).ending().code())
                    .isEqualTo(4001);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ConsoleFixture.NEAR, ConsoleFixture.FAR})
    void tellsAnUnreachableScreen(String host) {
        UUID machine = fixture.machine(host);
        screens.show(machine, directory.resolve("nobody-listens"));
        assertThat(open(machine).ending().code()).isEqualTo(4010);
    }

    @ParameterizedTest
    @ValueSource(strings = {ConsoleFixture.NEAR, ConsoleFixture.FAR})
    void tellsAMachineThatIsOffAlready(String host) {
        UUID machine = fixture.machine(host);
        screens.switchOff(machine);
        assertThat(open(machine).ending().code()).isEqualTo(4004);
    }

    @ParameterizedTest
    @ValueSource(strings = {ConsoleFixture.NEAR, ConsoleFixture.FAR})
    void endsWithTheMachine(String host) throws Exception {
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(host, vnc);
            ConsoleClient browser = open(machine);
            browser.send(new byte[] {1});
            browser.take(1);
            screens.switchOff(machine);
            fixture.seen(machine, "STOPPED", "STOPPED");
            vnc.peers().get(0).close();
            assertThat(browser.ending().code()).isEqualTo(4004);
        }
    }

    @Test
    void tellsALostScreenFromAMachineThatIsOff() throws Exception {
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), peer -> {})) {
            assertThat(open(machine(ConsoleFixture.NEAR, vnc)).ending().code()).isEqualTo(4012);
        }
    }

    @Test
    void endsWhenTheRightDoes() throws Exception {
        var erin = fixture.user("erin", "blue");
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(ConsoleFixture.NEAR, vnc);
            ConsoleClient browser = ConsoleClient.open(
                    portal,
                    tickets.issue(tenants.caller("erin", "test"), Credential.password(), machine, ConsoleMode.CONTROL)
                            .url());
            browser.send(new byte[] {1});
            browser.take(1);
            fixture.expel(erin);
            assertThat(browser.ending().code()).isEqualTo(4003);
        }
    }

    @Test
    void hostileServersBytesStayBytes() throws Exception {
        String html = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>";
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), peer -> {
                    peer.write(StandardCharsets.US_ASCII.encode(html));
                    FakeVnc.echo(peer);
                });
                ConsoleClient browser = open(machine(ConsoleFixture.NEAR, vnc))) {
            assertThat(new String(browser.take(html.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(html);
            assertThat(browser.sawText()).isFalse();
        }
    }

    @Test
    void takesNoTextAndNoHugeFrames() throws Exception {
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(ConsoleFixture.NEAR, vnc);
            ConsoleClient texting = open(machine);
            texting.sendText("hello");
            assertThat(texting.ending().code()).isEqualTo(1003);
            ConsoleClient shouting = open(machine);
            assertThatThrownBy(() -> {
                        shouting.send(new byte[1_000_000]);
                        shouting.take(1_000_000);
                    })
                    .isInstanceOfAny(CompletionException.class, IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ConsoleFixture.NEAR, ConsoleFixture.FAR})
    void slowReaderPausesTheScreen(String host) throws Exception {
        byte[] block = new byte[65_536];
        FakeVnc[] self = new FakeVnc[1];
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), peer -> {
            for (int i = 0; i < 4_000; i++) {
                self[0].write(peer, block);
            }
        })) {
            self[0] = vnc;
            UUID machine = machine(host, vnc);
            try (SlowBrowser browser = new SlowBrowser(portal, ticket(machine).url())) {
                long before = -1;
                while (before != vnc.written()) {
                    before = vnc.written();
                    Thread.sleep(300);
                }
                // Kernel buffers of each hop and our own bounded queues; the server wants to send 256 MB.
                assertThat(vnc.written()).isBetween(1L, 24_000_000L);
                browser.read(40_000_000);
                assertThat(vnc.written()).isGreaterThan(39_000_000);
            }
        }
    }

    @Test
    void boundsAndCountsSessions() throws Exception {
        patiently().untilAsserted(() -> assertThat(sessions()).isZero());
        List<ConsoleClient> browsers = new ArrayList<>();
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(ConsoleFixture.NEAR, vnc);
            for (int i = 0; i < 150; i++) {
                browsers.add(open(machine));
            }
            patiently().untilAsserted(() -> assertThat(sessions()).isEqualTo(150));
            String url = ticket(machine).url();
            assertThat(ConsoleClient.open(portal, url).ending().code()).isEqualTo(4013);
            browsers.remove(0).close();
            patiently().untilAsserted(() -> assertThat(sessions()).isLessThan(150));
            ConsoleClient again = ConsoleClient.open(portal, url);
            again.send(new byte[] {7});
            assertThat(again.take(1)).containsExactly(7);
            browsers.add(again);
        } finally {
            browsers.forEach(ConsoleClient::close);
        }
        patiently().untilAsserted(() -> assertThat(sessions()).isZero());
    }

    /** The pages' way in: the cookie, a ticket by it, and the cookie again with the WebSocket. */
    @Test
    void endsWithTheLoginAndIsNobodyElses() throws Exception {
        fixture.user("bob", "blue");
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(ConsoleFixture.NEAR, vnc);
            String mine = fixture.signIn("alice");
            ConsoleClient open = ConsoleClient.openWith(portal, pageTicket(machine, mine, "control"), mine);
            open.send(new byte[] {9});
            assertThat(open.take(1)).containsExactly(9);
            for (String thief : List.of(fixture.signIn("alice"), fixture.signIn("bob"), "")) {
                String stolen = pageTicket(machine, mine, "control");
                assertThat(ConsoleClient.openWith(portal, stolen, thief)
                                .ending()
                                .code())
                        .isEqualTo(4003);
                assertThat(ConsoleClient.openWith(portal, stolen, mine).ending().code())
                        .as("used up by the thief")
                        .isEqualTo(4001);
            }
            String late = pageTicket(machine, mine, "control");
            given().header("Cookie", mine)
                    .redirects()
                    .follow(false)
                    .post("/logout")
                    .then()
                    .statusCode(303);
            assertThat(open.ending().code()).isEqualTo(4003);
            assertThat(ConsoleClient.openWith(portal, late, mine).ending().code())
                    .isEqualTo(4003);
        }
    }

    @Test
    void whoOnlyViewsCannotType() throws Exception {
        byte[] hello = "RFB 003.008\n\1".getBytes(StandardCharsets.US_ASCII);
        byte[] key = {4, 1, 0, 0, 0, 0, 0, 65};
        byte[] ask = {3, 0, 0, 0, 0, 0, 1, 0, 1, 0};
        for (String host : List.of(ConsoleFixture.NEAR, ConsoleFixture.FAR)) {
            try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo);
                    ConsoleClient viewer = ConsoleClient.open(
                            portal,
                            ticket("alice", machine(host, vnc), ConsoleMode.VIEW)
                                    .url())) {
                viewer.send(hello);
                viewer.send(new byte[] {0});
                for (byte[] message : List.of(key, ask, key, key, ask)) {
                    viewer.send(message);
                }
                assertThat(viewer.take(hello.length)).isEqualTo(hello);
                assertThat(viewer.take(1)).as("shared").containsExactly(1);
                assertThat(viewer.take(10)).isEqualTo(ask);
                assertThat(viewer.take(10)).isEqualTo(ask);
                viewer.send(new byte[] {99});
                assertThat(viewer.ending().code()).isEqualTo(4017);
            }
        }
    }

    @Test
    void isTakenOverByName() throws Exception {
        fixture.user("bob", "blue");
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(ConsoleFixture.NEAR, vnc);
            ConsoleClient hers = open(machine);
            ConsoleClient viewer = ConsoleClient.open(
                    portal, ticket("alice", machine, ConsoleMode.VIEW).url());
            hers.send(new byte[] {1});
            hers.take(1);
            patiently().untilAsserted(() -> assertThat(consoles.of(machine)).hasSize(2));
            ConsoleClient his = ConsoleClient.open(
                    portal, ticket("bob", machine, ConsoleMode.TAKE_OVER).url());
            assertThat(hers.ending()).isEqualTo(new ConsoleClient.Close(4016, "bob took over."));
            his.send(new byte[] {2});
            assertThat(his.take(1)).containsExactly(2);
            patiently().untilAsserted(() -> assertThat(consoles.of(machine))
                    .extracting(Connected::username, Connected::viewOnly)
                    .containsExactly(tuple("alice", true), tuple("bob", false)));
            viewer.close();
            his.close();
            patiently().untilAsserted(() -> assertThat(consoles.of(machine)).isEmpty());
            assertThat(fixture.count(
                            "select count(*) from audit_event where subject_id = ? and action = 'console.take-over'"
                                    + " and username = 'bob' and detail ->> 'from' = 'alice'",
                            machine.toString()))
                    .isOne();
        }
    }

    @Test
    void boundsConsolesOfAMachineAndOfAPersonOverAllProcesses() throws Exception {
        fixture.user("henry", "blue");
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            UUID machine = machine(ConsoleFixture.NEAR, vnc);
            UUID another = fixture.machine(ConsoleFixture.NEAR);
            // Dead processes' do not count.
            fixture.open(160, machine, "alice", 61);
            fixture.open(200, another, "henry", 61);
            ConsoleClient first = ConsoleClient.open(
                    portal, ticket("henry", machine, ConsoleMode.CONTROL).url());
            first.send(new byte[] {1});
            first.take(1);
            fixture.open(159, machine, "alice", 0);
            assertThat(open(machine).ending().code()).isEqualTo(4015);
            fixture.closeAll(machine);
            fixture.open(199, another, "henry", 0);
            ConsoleClient last = ConsoleClient.open(
                    portal, ticket("henry", machine, ConsoleMode.CONTROL).url());
            last.send(new byte[] {1});
            last.take(1);
            assertThat(ConsoleClient.open(
                                    portal,
                                    ticket("henry", machine, ConsoleMode.VIEW).url())
                            .ending()
                            .code())
                    .isEqualTo(4014);
            // Taking over makes room.
            ConsoleClient over = ConsoleClient.open(
                    portal, ticket("henry", machine, ConsoleMode.TAKE_OVER).url());
            over.send(new byte[] {1});
            over.take(1);
            last.close();
            first.close();
            over.close();
            fixture.closeAll(another);
        }
    }

    private static String pageTicket(UUID machine, String cookie, String mode) {
        return given().header("Cookie", cookie)
                .post("/t/blue/machines/" + machine + "/console/ticket?mode=" + mode)
                .then()
                .statusCode(201)
                .extract()
                .path("url");
    }

    private double sessions() {
        return metrics.get("berth.console.sessions").gauge().value();
    }

    private UUID machine(String host, FakeVnc vnc) {
        UUID machine = fixture.machine(host);
        screens.show(machine, vnc.path());
        return machine;
    }

    private Ticket ticket(UUID machine) {
        return ticket("alice", machine, ConsoleMode.CONTROL);
    }

    private Ticket ticket(String user, UUID machine, ConsoleMode mode) {
        return tickets.issue(tenants.caller(user, "test"), Credential.password(), machine, mode);
    }

    private ConsoleClient open(UUID machine) {
        return ConsoleClient.open(portal, ticket(machine).url());
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofMinutes(2));
    }
}
