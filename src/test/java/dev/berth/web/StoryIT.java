package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.LoadState;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole story as two people do it in a browser: alice asks, the admin agrees, the machine comes up, its screen
 * answers keys, alice deletes it. Web and worker are two processes, so the console goes from one to the other.
 */
@Tag("browser")
class StoryIT {
    private static final double PATIENCE_MILLIS = Duration.ofMinutes(3).toMillis();
    private static final Path PICTURES = Path.of("target/pictures");

    private static Installation berth;
    private static BerthProcess worker;
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> browserErrors = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        berth = Installation.start();
        worker = berth.worker("");
        berth.awaitHost();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
    }

    @AfterAll
    static void stop() throws IOException {
        try (Installation toClose = berth) {
            if (playwright != null) {
                playwright.close();
            }
            worker.close();
        }
    }

    @Test
    void aliceGetsAMachineAndGivesItBack() throws IOException {
        Page alice = signIn("alice");
        Page admin = signIn("admin");

        alice.navigate(url("/t/blue/requests/new"));
        check(alice, "request-form");
        alice.check("#template-" + berth.tag());
        alice.check("#size-" + berth.tag());
        alice.check("#network-" + berth.tag());
        alice.check("#storage-" + berth.tag());
        alice.fill("#name", "story");
        alice.selectOption("#lease", "other");
        alice.fill("#leaseHours", "72");
        alice.fill("#reason", "To tell the story <b>of Berth</b>");
        Locator verdict = alice.locator("#verdict");
        await().atMost(Duration.ofSeconds(20)).until(() -> verdict.textContent().contains("Needs an admin's yes"));
        check(alice, "request-filled");
        alice.locator("#send-request").click();
        alice.waitForURL("**/requests/*");
        assertThat(alice.textContent("#request-state")).contains("Waiting");
        check(alice, "request-waiting");

        admin.navigate(url("/admin/inbox"));
        check(admin, "inbox");
        Locator ask = admin.locator(".inbox-item", new Page.LocatorOptions().setHasText("story"));
        assertThat(ask.textContent()).contains("To tell the story <b>of Berth</b>", "a lease over 48 hours");
        ask.locator("[id^=approve-]").click();
        admin.waitForLoadState(LoadState.LOAD);
        assertThat(admin.locator(".inbox-item").count()).isZero();

        // Alice's page shows the decision by itself.
        alice.locator("#to-machine").click(new Locator.ClickOptions().setTimeout(PATIENCE_MILLIS));
        alice.waitForURL("**/machines/*");
        String machine = alice.url().replaceAll(".*/", "");
        alice.locator("#address code, #address button")
                .first()
                .waitFor(new Locator.WaitForOptions().setTimeout(PATIENCE_MILLIS));
        assertThat(alice.textContent("#machine-state")).contains("Running");
        check(alice, "machine");
        cards(alice, machine);
        alice.navigate(url("/t/blue/machines"));
        assertThat(alice.textContent("table")).contains("story", "Running");
        check(alice, "machines");

        console(alice, machine);

        alice.navigate(url("/t/blue/machines/" + machine + "/delete"));
        check(alice, "delete");
        alice.fill("#confirm", "story");
        alice.locator("#confirm-delete").click();
        berth.await(machine, "GONE");
        assertThat(Virsh.domains()).doesNotContain(machine);
        alice.navigate(url("/t/blue/machines"));
        assertThat(alice.textContent("main")).doesNotContain("story");
        check(alice, "machines-empty");

        Page carol = signIn("carol");
        assertThat(carol.navigate(url("/t/blue/machines")).status()).isEqualTo(404);
        browserErrors.removeIf(error -> error.contains("404"));
        assertThat(browserErrors).isEmpty();
    }

    /** A second card comes while the machine runs, and goes again. */
    private void cards(Page page, String machine) {
        page.navigate(url("/t/blue/machines/" + machine + "/network"));
        page.check("#network-" + berth.tag());
        page.locator("#add-card").click();
        Locator rows = page.locator("#cards tbody tr");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> rows.count() == 2 && rows.nth(1).textContent().contains("Plugged in"));
        check(page, "machine-network");
        rows.nth(1).locator("summary").click();
        rows.nth(1).locator("button.btn-danger").click();
        await().atMost(Duration.ofMinutes(1)).until(() -> rows.count() == 1);
    }

    /** Types at the guest's login prompt and sees the screen change; an idle screen's cursor changes far fewer pixels. */
    private void console(Page page, String machine) throws IOException {
        page.navigate(url("/t/blue/machines/" + machine + "/console"));
        Locator canvas = page.locator("#console-screen canvas");
        page.locator("#console-state[data-state=on]").waitFor(new Locator.WaitForOptions().setTimeout(PATIENCE_MILLIS));
        await().atMost(Duration.ofMinutes(1)).until(() -> colours(picture(canvas)) > 1);
        check(page, "console");
        BufferedImage before = picture(canvas);
        canvas.click();
        page.keyboard().type("berth-was-here", new com.microsoft.playwright.Keyboard.TypeOptions().setDelay(40));
        await().atMost(Duration.ofSeconds(30)).until(() -> difference(before, picture(canvas)) > 300);
        check(page, "console-typed");
    }

    private static BufferedImage picture(Locator canvas) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(canvas.screenshot()));
    }

    private static long colours(BufferedImage image) {
        return java.util.Arrays.stream(
                        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                .distinct()
                .count();
    }

    private static int difference(BufferedImage one, BufferedImage other) {
        int different = 0;
        for (int y = 0; y < Math.min(one.getHeight(), other.getHeight()); y++) {
            for (int x = 0; x < Math.min(one.getWidth(), other.getWidth()); x++) {
                if (one.getRGB(x, y) != other.getRGB(x, y)) {
                    different++;
                }
            }
        }
        return different;
    }

    private Page signIn(String username) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1280, 900));
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                browserErrors.add(username + " at " + page.url() + ": " + message.text());
            }
        });
        page.onPageError(error -> browserErrors.add(username + " at " + page.url() + ": " + error));
        page.navigate(url("/login"));
        if (username.equals("alice")) {
            check(page, "login");
        }
        page.fill("#username", username);
        page.fill("#password", "berth");
        page.locator("#sign-in").click();
        page.waitForURL(where -> !where.contains("/login"));
        return page;
    }

    /** Nothing that axe calls serious, no scrolling sideways on a phone, and a picture of each width to look at. */
    private void check(Page page, String name) {
        page.evaluate("window.scrollTo(0, 0)");
        page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + "-1280.png")));
        assertThat(new AxeBuilder(page)
                        .analyze().getViolations().stream()
                                .filter(rule -> List.of("serious", "critical").contains(rule.getImpact()))
                                .map(rule -> rule.getId() + ": "
                                        + rule.getNodes().stream()
                                                .map(node -> node.getHtml())
                                                .limit(3)
                                                .toList()))
                .as(name)
                .isEmpty();
        page.setViewportSize(390, 844);
        page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + "-390.png")));
        assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= 390"))
                .as(name + " fits 390 pixels")
                .isTrue();
        page.setViewportSize(1280, 900);
    }

    private static String url(String path) {
        return berth.web().url() + path;
    }
}
