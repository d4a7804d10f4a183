package dev.berth.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads that never end, that stop to come, that are too many or too large for the disk. */
class UploadsTest {
    private static final String PART =
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../a\"\r\n\r\n";

    @TempDir
    private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        Uploads uploads = new Uploads(vertx, Duration.ofMillis(500), 2, directory);
        Router router = Router.router(vertx);
        router.route().handler(uploads::admit);
        router.route().handler(BodyHandler.create(directory.toString()).setDeleteUploadedFilesOnEnd(true));
        router.route().handler(context -> context.response().end("taken"));
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(1, TimeUnit.MINUTES);
    }

    @AfterEach
    void stop() {
        vertx.close();
    }

    private Socket send(String length, String body) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), server.actualPort());
        socket.setSoTimeout(120_000);
        socket.getOutputStream()
                .write(("POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n" + length
                                + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /** Until the server hangs up. */
    private static String answer(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private long files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.count();
        }
    }

    @Test
    void withoutALengthOrRoomNothingIsRead() throws IOException {
        try (Socket endless = send("Transfer-Encoding: chunked", "5\r\nabcde\r\n");
                Socket huge = send("Content-Length: 9000000000000000000", PART);
                Socket nonsense = send("Content-Length: 99999999999999999999", PART)) {
            assertThat(answer(endless)).startsWith("HTTP/1.1 411 ");
            assertThat(answer(huge)).startsWith("HTTP/1.1 503 ").containsIgnoringCase("Retry-After: ");
            assertThat(answer(nonsense)).startsWith("HTTP/1.1 4");
        }
        assertThat(files()).isZero();
    }

    @Test
    void oneThatStopsToComeIsEndedAndLeavesNothingAndRoomForOthers() throws IOException {
        for (int round = 0; round < 2; round++) {
            try (Socket one = send("Content-Length: 100000", PART + "half of it");
                    Socket two = send("Content-Length: 100000", PART + "half of it")) {
                assertThat(answer(one)).isEmpty();
                assertThat(answer(two)).isEmpty();
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> files() == 0);
        }
        String all = PART + "all of it\r\n--x--\r\n";
        try (Socket whole = send("Connection: close\r\nContent-Length: " + all.length(), all)) {
            assertThat(answer(whole)).endsWith("taken");
        }
    }
}
