package dev.berth.console;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;

/** The HTTP server's WebSocket settings: all of Berth's WebSockets are consoles. */
@Singleton
class ConsoleHttp implements HttpServerOptionsCustomizer {
    private static final int MAX_FRAME_BYTES = 65_536;

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        // VNC clients send small messages; what is larger than this is no VNC client.
        options.setMaxWebSocketFrameSize(MAX_FRAME_BYTES).setMaxWebSocketMessageSize(MAX_FRAME_BYTES);
        // Older clients ask for it and give up unless it is confirmed.
        options.addWebSocketSubProtocol("binary");
        // VNC compresses what is worth it; once more costs latency and 300 KiB a session.
        options.setPerFrameWebSocketCompressionSupported(false).setPerMessageWebSocketCompressionSupported(false);
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        customizeHttpServer(options);
    }
}
