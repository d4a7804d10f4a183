package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.LoadState;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Chrome;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
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

    private static Installation berth;
    private static BerthProcess worker;
    private static Chrome chrome;

    @BeforeAll
    static void start() throws IOException {
        berth = Installation.start();
        worker = berth.worker("");
        berth.awaitHost();
        chrome = new Chrome(berth.web().url());
    }

    @AfterAll
    static void stop() throws IOException {
        try (Installation toClose = berth) {
            if (chrome != null) {
                chrome.close();
            }
            worker.close();
        }
    }

    @Test
    void aliceGetsAMachineAndGivesItBack() throws IOException {
        Page alice = chrome.open("alice");
        chrome.check(alice, "login");
        chrome.signIn(alice, "alice", "berth");
        Page admin = chrome.signIn("admin");

        alice.navigate(chrome.url("/t/blue/requests/new"));
        chrome.check(alice, "request-form");
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
        chrome.check(alice, "request-filled");
        alice.locator("#send-request").click();
        alice.waitForURL("**/requests/*");
        assertThat(alice.textContent("#request-state")).contains("Waiting");
        chrome.check(alice, "request-waiting");

        admin.navigate(chrome.url("/inbox"));
        chrome.check(admin, "inbox");
        Locator ask = admin.locator(".inbox-item", new Page.LocatorOptions().setHasText("story"));
        assertThat(ask.textContent()).contains("To tell the story <b>of Berth</b>", "a lease over 48 hours");
        ask.locator("[id^=approve-]").click();
        admin.waitForLoadState(LoadState.LOAD);
        assertThat(admin.locator(".inbox-item").count()).isZero();

        // Alice's page shows the decision by itself.
        alice.locator("#to-result").click(new Locator.ClickOptions().setTimeout(PATIENCE_MILLIS));
        alice.waitForURL("**/machines/*");
        String machine = alice.url().replaceAll(".*/", "");
        alice.locator("#address code, #address button")
                .first()
                .waitFor(new Locator.WaitForOptions().setTimeout(PATIENCE_MILLIS));
        assertThat(alice.textContent("#machine-state")).contains("Running");
        chrome.check(alice, "machine");
        cards(alice, machine);
        disks(alice, machine);
        snapshot(alice, machine);
        storage(admin);
        alice.navigate(chrome.url("/t/blue/machines"));
        assertThat(alice.textContent("table")).contains("story", "Running");
        chrome.check(alice, "machines");

        console(alice, machine);

        alice.navigate(chrome.url("/t/blue/machines/" + machine + "/delete"));
        chrome.check(alice, "delete");
        alice.check("#disks-delete");
        alice.fill("#confirm", "story");
        alice.locator("#confirm-delete").click();
        berth.await(machine, "GONE");
        assertThat(Virsh.domains()).doesNotContain(machine);
        alice.navigate(chrome.url("/t/blue/machines"));
        assertThat(alice.textContent("main")).doesNotContain("story");
        chrome.check(alice, "machines-empty");

        Page carol = chrome.signIn("carol");
        assertThat(carol.navigate(chrome.url("/t/blue/machines")).status()).isEqualTo(404);
        chrome.errors().removeIf(error -> error.contains("404"));
        assertThat(chrome.errors()).isEmpty();
    }

    /** A second card comes while the machine runs, and goes again. */
    private void cards(Page page, String machine) {
        page.navigate(chrome.url("/t/blue/machines/" + machine + "/network"));
        page.check("#network-" + berth.tag());
        page.locator("#add-card").click();
        Locator rows = page.locator("#cards tbody tr");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> rows.count() == 2 && rows.nth(1).textContent().contains("Plugged in"));
        chrome.check(page, "machine-network");
        rows.nth(1).locator("summary").click();
        rows.nth(1).locator("button.btn-danger").click();
        await().atMost(Duration.ofMinutes(1)).until(() -> rows.count() == 1);
    }

    /** A data disk comes while the machine runs. */
    private static void disks(Page page, String machine) {
        String url = "/t/blue/machines/" + machine + "/disks";
        page.navigate(chrome.url(url));
        page.fill("#name", "ledger");
        page.fill("#sizeGib", "1");
        page.check("#storage-" + berth.tag());
        page.locator("#add-disk").click();
        Locator rows = page.locator("#disks tbody tr");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> rows.count() == 2 && rows.nth(1).textContent().contains("Attached"));
        chrome.check(page, "machine-disks");
        page.navigate(chrome.url("/t/blue/disks"));
        assertThat(page.textContent("#disk-list")).contains("ledger", "story");
        chrome.check(page, "disks");
        String disk = page.locator("#disk-list tr[id^=disk-]")
                .first()
                .getAttribute("id")
                .substring("disk-".length());
        for (String name : List.of("move", "capture")) {
            page.navigate(chrome.url(url + "/" + disk + "/" + name));
            chrome.check(page, "disk-" + name);
        }
        page.navigate(chrome.url("/t/blue/disks/" + disk + "/grow"));
        chrome.check(page, "disk-grow");
        page.navigate(chrome.url("/t/blue/disks/" + disk + "/delete"));
        chrome.check(page, "disk-delete");
    }

    /** All the machine's disks at one point, while it runs. */
    private static void snapshot(Page page, String machine) {
        page.navigate(chrome.url("/t/blue/machines/" + machine + "/snapshots"));
        chrome.check(page, "machine-snapshots-empty");
        page.fill("#name", "before the upgrade");
        page.locator("#take-snapshot").click();
        Locator rows = page.locator("#snapshots tbody tr");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> rows.count() == 1 && rows.first().textContent().contains("Clone"));
        chrome.check(page, "machine-snapshots");
        rows.first().locator("a.btn").click();
        page.waitForURL("**/clone");
        chrome.check(page, "snapshot-clone");
    }

    /** What an admin sees of storage. */
    private static void storage(Page admin) {
        String devices = berth.tag() + "block";
        berth.admin()
                .post(
                        "storage-profiles",
                        Map.of(
                                "slug",
                                devices,
                                "name",
                                "Whole devices",
                                "description",
                                "For databases",
                                "kind",
                                "block",
                                "config",
                                Map.of()))
                .ok();
        for (String page : List.of(
                "storage", "storage/new", "storage/" + berth.tag(), "storage/" + devices + "/devices", "images")) {
            admin.navigate(chrome.url("/admin/" + page));
            chrome.check(
                    admin,
                    "admin-" + page.replace('/', '-').replace(devices, "block").replace(berth.tag(), "files"));
        }
        admin.navigate(chrome.url("/admin/storage/new?kind=iscsi"));
        chrome.check(admin, "admin-storage-form");
    }

    /** Types at the guest's login prompt and sees the screen change; an idle screen's cursor changes far fewer pixels. */
    private void console(Page page, String machine) throws IOException {
        page.navigate(chrome.url("/t/blue/machines/" + machine + "/console"));
        Locator canvas = page.locator("#console-screen canvas");
        page.locator("#console-state[data-state=on]").waitFor(new Locator.WaitForOptions().setTimeout(PATIENCE_MILLIS));
        await().atMost(Duration.ofMinutes(1)).until(() -> colours(picture(canvas)) > 1);
        chrome.check(page, "console");
        BufferedImage before = picture(canvas);
        canvas.click();
        page.keyboard().type("berth-was-here", new com.microsoft.playwright.Keyboard.TypeOptions().setDelay(40));
        await().atMost(Duration.ofSeconds(30)).until(() -> difference(before, picture(canvas)) > 300);
        chrome.check(page, "console-typed");
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
}
