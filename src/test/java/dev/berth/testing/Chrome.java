package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.ScreenshotCaret;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Chromium as the browser tests use it: signs people in, looks at pages as a stranger would, and hears every error. */
public final class Chrome implements AutoCloseable {
    private static final Path PICTURES = Path.of("target/pictures");
    /** Colours on their way from one to another have a contrast that nobody ever sees. Endless ones can't be ended. */
    private static final String END_TRANSITIONS =
            "document.getAnimations().forEach(one => { try { one.finish(); } catch (endless) { } })";

    private static final int WIDE = 1280;
    private static final int NARROW = 390;

    private final Playwright playwright =
            Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    private final Browser browser = playwright
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
    private final List<String> errors = new ArrayList<>();
    private final URI portal;

    public Chrome(URI portal) {
        this.portal = portal;
    }

    /** A window of their own at the sign-in page. */
    public Page open(String username) {
        Page page = browser.newContext(new Browser.NewContextOptions()
                        .setViewportSize(WIDE, 900)
                        .setReducedMotion(ReducedMotion.REDUCE))
                .newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                errors.add(username + " at " + page.url() + ": " + message.text());
            }
        });
        page.onPageError(error -> errors.add(username + " at " + page.url() + ": " + error));
        page.navigate(url("/login"));
        return page;
    }

    /** A window of their own, signed in. */
    public Page signIn(String username) {
        return signIn(open(username), username, "berth");
    }

    public Page signIn(Page page, String username, String password) {
        page.fill("#username", username);
        page.fill("#password", password);
        page.locator("#sign-in").click();
        page.waitForURL(where -> !where.contains("/login"));
        return page;
    }

    public String url(String path) {
        return portal.resolve("/") + path.replaceFirst("^/", "");
    }

    /** Nothing that axe calls serious, no scrolling sideways on a phone, and a picture of each width to look at. */
    public void check(Page page, String name) {
        page.evaluate("window.scrollTo(0, 0)");
        page.evaluate(END_TRANSITIONS);
        page.screenshot(picture(name + "-" + WIDE));
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
        page.setViewportSize(NARROW, 844);
        page.screenshot(picture(name + "-" + NARROW));
        assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= " + NARROW))
                .as(name + " fits " + NARROW + " pixels")
                .isTrue();
        page.setViewportSize(WIDE, 900);
    }

    /** The caret stays: hiding it is an inline style, which htmx copies and the page's policy then complains about. */
    private static Page.ScreenshotOptions picture(String name) {
        return new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setCaret(ScreenshotCaret.INITIAL);
    }

    /** What browsers have complained about so far. */
    public List<String> errors() {
        return errors;
    }

    @Override
    public void close() {
        playwright.close();
    }
}
