package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.FormData;
import com.microsoft.playwright.options.RequestOptions;
import com.microsoft.playwright.options.WaitForSelectorState;
import dev.berth.security.Credential;
import dev.berth.tenancy.Tenants;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console's page in Chromium, with QEMU's firmware on the screen. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
class ConsolePageTest {
    @TestHTTPResource("/")
    URI portal;

    @Inject
    ConsoleFixture fixture;

    @Inject
    ConsoleTickets tickets;

    @Inject
    Tenants tenants;

    @Inject
    FakeScreens screens;

    @TempDir
    Path directory;

    private final List<String> errors = new ArrayList<>();
    private Playwright playwright;
    private Browser browser;
    private UUID machine;

    @BeforeEach
    void open() {
        machine = fixture.machine(ConsoleFixture.NEAR);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setArgs(List.of("--no-sandbox")));
    }

    @AfterEach
    void close() {
        playwright.close();
    }

    @Test
    void showsTheScreenAndTellsWhenItGoesOff() throws Exception {
        try (QemuScreen qemu = new QemuScreen(directory)) {
            screens.show(machine, qemu.socket());
            Page page = console(1280, 800);
            connected(page);
            patiently().until(() -> lit(page) > 500);
            shot(page, "console-1280");
            assertThat(new AxeBuilder(page)
                            .analyze().getViolations().stream()
                                    .map(violation -> violation.getId() + " " + violation.getNodes())
                                    .toList())
                    .isEmpty();

            page.getByText("Ctrl-Alt-F").first().click();
            shot(page, "console-menu");
            page.keyboard().press("Escape");
            page.locator("#console-view-only").click();
            says(page, "Connected, view only");
            assertThat(page.locator("[data-hold=ctrl]").isDisabled()).isTrue();
            patiently().untilAsserted(() -> assertThat(
                            page.locator("#console-people").textContent())
                    .contains("alice (view only) since"));
            assertThat(page.locator("#console-people").textContent()).doesNotContain("127.0.0.1");
            assertThat(page.locator("#console-count").textContent()).isEqualTo("1 connected");
            page.locator("#console-count").click();
            shot(page, "console-people");
            page.keyboard().press("Escape");
            page.locator("#console-view-only").click();
            says(page, "Connected");
            page.locator("#console-fit").click();
            page.locator("#console-fit").click();

            screens.switchOff(machine);
            fixture.seen(machine, "STOPPED", "STOPPED");
            qemu.close();
            page.locator("[data-cause=off]").waitFor();
            shot(page, "console-off");
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void fitsAPhoneAndComesBackAfterALoss() throws Exception {
        QemuScreen first = new QemuScreen(directory);
        screens.show(machine, first.socket());
        Page page = console(390, 844);
        connected(page);
        patiently().until(() -> lit(page) > 500);
        shot(page, "console-390");
        page.locator("#console-count").click();
        shot(page, "console-people-390");
        page.locator("#console-count").click();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
        first.close();
        page.locator("[data-cause=lost], [data-cause=unreachable]").first().waitFor();
        shot(page, "console-lost-390");
        try (QemuScreen second = new QemuScreen(directory)) {
            screens.show(machine, second.socket());
            connected(page);
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void typesAndPressesWhatItSays() throws Exception {
        fixture.user("bob", "blue");
        try (RecordingVnc vnc = new RecordingVnc(directory.resolve("vnc"))) {
            screens.show(machine, vnc.path());
            Page page = console(1280, 800);
            connected(page);
            page.locator("[data-chord=ctrl-alt-del]").click();
            vnc.pressed("Control_L Alt_L Delete -Delete -Alt_L -Control_L");
            page.keyboard().type("aB");
            vnc.pressed("a -a");
            page.locator("[data-hold=alt]").click();
            page.locator("[data-chord=tab]").click();
            page.locator("[data-hold=alt]").click();
            vnc.pressed("Alt_L Tab -Tab -Alt_L");

            page.locator("#console-paste").click();
            Locator text = page.locator("#console-paste-text");
            text.fill("Hi!\n\u00e9");
            assertThat(page.locator("#console-paste-note").textContent())
                    .isEqualTo("These can't be typed and will be left out: \u00e9");
            shot(page, "console-paste");
            page.locator("#console-paste-send").click();
            vnc.pressed("Shift_L H -H -Shift_L i -i Shift_L ! -! -Shift_L Return -Return");

            page.locator("#console-paste-dialog[open]").waitFor(hidden());

            // The way out of the screen by keyboard, with nothing left pressed.
            page.locator("canvas").focus();
            for (String key : List.of("Control", "Alt", "Shift")) {
                page.keyboard().down(key);
            }
            assertThat(page.evaluate("document.activeElement.dataset.chord")).isEqualTo("ctrl-alt-del");
            vnc.pressed("Control_L Alt_L -Control_L -Alt_L");
            for (String key : List.of("Shift", "Alt", "Control")) {
                page.keyboard().up(key);
            }
            // What the machine calls itself, and what it puts on the clipboard, is text at most.
            assertThat(page.title()).startsWith("Console of");
            // Bob takes over, and the page says so, still shows the screen and types nothing.
            try (ConsoleClient bob = ConsoleClient.open(
                    portal,
                    tickets.issue(tenants.caller("bob", "test"), Credential.password(), machine, ConsoleMode.TAKE_OVER)
                            .url())) {
                says(page, "Connected, view only");
                assertThat(page.locator("#console-notice").textContent())
                        .isEqualTo("bob took over. You still see the screen.");
                shot(page, "console-taken");
                page.locator("#console-count").click();
                page.locator(".console-people [data-take-over]").click();
                assertThat(bob.ending()).isEqualTo(new ConsoleClient.Close(4016, "alice took over."));
                says(page, "Connected");
                page.locator("canvas").focus();
                page.keyboard().type("z");
                vnc.pressed("z -z");
            }
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void tellsEachCause() throws Exception {
        UUID foreign = UUID.randomUUID();
        Page page = console(1280, 800);
        page.locator("[data-cause=unreachable]").waitFor();
        assertThat(page.locator("[data-cause=unreachable] [data-retry]").textContent())
                .matches("Trying again in \\d+ s\\.");
        assertThat(page.request()
                        .get(portal + "t/blue/machines/" + foreign + "/console")
                        .status())
                .isEqualTo(404);
        assertThat(page.request()
                        .get(portal + "t/green/machines/" + machine + "/console")
                        .status())
                .isEqualTo(404);
        try (FakeVnc html = new FakeVnc(directory.resolve("vnc"), peer -> {
            peer.write(java.nio.charset.StandardCharsets.US_ASCII.encode(
                    "HTTP/1.1 200 OK\r\n\r\n<script>document.title='owned'</script>"));
            FakeVnc.echo(peer);
        })) {
            screens.show(machine, html.path());
            page.locator("[data-cause=unreachable] [data-connect]").click();
            page.locator("[data-cause=lost]").waitFor();
            shot(page, "console-lost");
            assertThat(page.title()).startsWith("Console of");
        }
        byte[] endless = {0, 64, 0, 48, 32, 24, 0, 1, 0, -1, 0, -1, 0, -1, 16, 8, 0, 0, 0, 0, -1, -1, -1, -1};
        try (FakeVnc liar = new FakeVnc(directory.resolve("liar"), peer -> {
            peer.write(java.nio.charset.StandardCharsets.US_ASCII.encode("RFB 003.008\n"));
            peer.write(java.nio.ByteBuffer.wrap(new byte[] {1, 1, 0, 0, 0, 0}));
            peer.write(java.nio.ByteBuffer.wrap(endless));
            peer.write(java.nio.ByteBuffer.wrap(new byte[100_000]));
        })) {
            screens.show(machine, liar.path());
            page.locator("[data-cause=lost] [data-connect]").click();
            patiently().untilAsserted(() -> assertThat(liar.peers()).isNotEmpty());
            page.locator("[data-cause=lost]").waitFor();
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void saysThatItNeedsScript() {
        BrowserContext context = context(new Browser.NewContextOptions().setJavaScriptEnabled(false));
        Page page = context.newPage();
        page.navigate(portal + "t/blue/machines/" + machine + "/console");
        shot(page, "console-noscript");
        assertThat(page.locator("noscript h2").isVisible()).isTrue();
    }

    private Page console(int width, int height) {
        Page page = context(new Browser.NewContextOptions().setViewportSize(width, height))
                .newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                errors.add(message.text());
            }
        });
        page.onPageError(errors::add);
        page.navigate(portal + "t/blue/machines/" + machine + "/console");
        return page;
    }

    private BrowserContext context(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        var answer = context.request()
                .post(
                        portal + "login",
                        RequestOptions.create()
                                .setMaxRedirects(0)
                                .setForm(FormData.create()
                                        .set("username", "alice")
                                        .set("password", ConsoleFixture.PASSWORD)));
        assertThat(answer.status()).isBetween(200, 399);
        return context;
    }

    private static void connected(Page page) {
        page.locator("#console-state[data-state=on]").waitFor();
    }

    private static void says(Page page, String state) {
        patiently()
                .untilAsserted(() ->
                        assertThat(page.locator("#console-state").textContent()).isEqualTo(state));
    }

    private static Locator.WaitForOptions hidden() {
        return new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN);
    }

    private static int lit(Page page) {
        return (Integer)
                page.evaluate(
                        """
                () => {
                  const canvas = document.querySelector('canvas');
                  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                  let lit = 0;
                  for (let i = 0; i < data.length; i += 4) {
                    if (data[i] + data[i + 1] + data[i + 2] > 60) lit++;
                  }
                  return lit;
                }""");
    }

    private static void shot(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "screens", name + ".png")));
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofMinutes(2));
    }
}
