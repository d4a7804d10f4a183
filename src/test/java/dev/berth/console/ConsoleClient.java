package dev.berth.console;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A WebSocket as a browser would open it, with what it received. Reads on only as bytes are asked for. */
public final class ConsoleClient implements WebSocket.Listener, AutoCloseable {
    /** What ended the connection. */
    public record Close(int code, String reason) {}

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long SECONDS = 20;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<Close> closed = new CompletableFuture<>();
    private WebSocket socket;
    private int taken;
    private boolean sawText;

    /** Opens with the portal's own Origin. */
    public static ConsoleClient open(URI portal, String path) {
        return open(portal, path, portal.getScheme() + "://" + portal.getAuthority());
    }

    static ConsoleClient open(URI portal, String path, String origin) {
        return open(portal, path, origin, "");
    }

    /** A browser that brings its cookie along. */
    static ConsoleClient openWith(URI portal, String path, String cookie) {
        return open(portal, path, portal.getScheme() + "://" + portal.getAuthority(), cookie);
    }

    private static ConsoleClient open(URI portal, String path, String origin, String cookie) {
        ConsoleClient client = new ConsoleClient();
        WebSocket.Builder builder = HTTP.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(SECONDS));
        if (origin != null) {
            builder.header("Origin", origin);
        }
        if (!cookie.isEmpty()) {
            builder.header("Cookie", cookie);
        }
        URI address = URI.create("ws://" + portal.getAuthority()).resolve(path);
        client.socket = builder.buildAsync(address, client).join();
        return client;
    }

    void send(byte[] bytes) {
        socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    }

    void sendText(String text) {
        socket.sendText(text, true).join();
    }

    /** Waits for this many more bytes and takes them. */
    public byte[] take(int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        synchronized (this) {
            while (received.size() - taken < count) {
                if (closed.isDone() && received.size() - taken < count) {
                    throw new IllegalStateException("closed: " + closed.join());
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new IllegalStateException(
                            "only " + (received.size() - taken) + " of " + count + " bytes came");
                }
                try {
                    wait(Math.min(left, 100));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            byte[] bytes = java.util.Arrays.copyOfRange(received.toByteArray(), taken, taken + count);
            taken += count;
            return bytes;
        }
    }

    public Close ending() {
        try {
            return closed.get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean sawText() {
        return sawText;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        synchronized (this) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            received.writeBytes(bytes);
            notifyAll();
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        sawText = true;
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closed.complete(new Close(statusCode, reason));
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.complete(new Close(-1, error.toString()));
    }

    @Override
    public void close() {
        if (!closed.isDone()) {
            socket.sendClose(1000, "").exceptionally(e -> socket);
        }
        socket.abort();
    }
}
