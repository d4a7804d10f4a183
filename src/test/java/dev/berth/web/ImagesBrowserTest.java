package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.berth.catalog.ImageServer;
import dev.berth.common.Sha256;
import dev.berth.testing.Chrome;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An image comes from another host while an admin looks on in Chromium. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class ImagesBrowserTest {
    private static final String DISK = "disk".repeat(512 << 10);

    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    private final CountDownLatch rest = new CountDownLatch(1);
    private ImageServer server;
    private Chrome chrome;

    @BeforeEach
    void open() throws IOException {
        portal.make();
        chrome = new Chrome(portalUrl);
        byte[] bytes = DISK.getBytes(StandardCharsets.US_ASCII);
        server = new ImageServer().on("/disk.raw", exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
            exchange.getResponseBody().flush();
            try {
                rest.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseBody().write(bytes, bytes.length / 2, bytes.length / 2);
        });
    }

    @AfterEach
    void close() {
        rest.countDown();
        chrome.close();
        server.close();
    }

    @Test
    void anAdminSeesHowFarItIs() {
        Page page = chrome.signIn("admin");
        page.setDefaultTimeout(120_000);
        page.navigate(chrome.url("/admin/images"));
        page.fill("#fetch-url", server.url("/disk.raw"));
        page.fill("#fetch-name", "watched");
        page.selectOption("#fetch-format", "raw");
        page.locator("#fetch-image").click();
        page.locator("#error-fetch-digest").waitFor();
        page.fill("#fetch-digest", Sha256.hex(DISK));
        page.locator("#fetch-image").click();
        page.locator("#image-imports progress[value='50']").waitFor();
        chrome.check(page, "images-fetched");
        rest.countDown();
        page.locator("#image-imports a[href='/admin/images/watched']").waitFor();
        // A form that is refused is answered so.
        assertThat(chrome.errors()).filteredOn(error -> !error.contains("422")).isEmpty();
    }
}
