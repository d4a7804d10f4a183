package dev.berth.console;

import dev.berth.common.BerthConfig;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Locale;

/**
 * Whether a WebSocket was opened by a page of ours. Browsers let any page open one to anywhere and say in Origin
 * which page it was (RFC 6455, 10.2); a missing Origin and {@code null} are refused like a foreign one.
 */
@Singleton
class OwnOrigin {
    private final BerthConfig config;

    OwnOrigin(BerthConfig config) {
        this.config = config;
    }

    boolean isOwn(HttpServerRequest request) {
        URI origin = parse(request.getHeader(HttpHeaders.ORIGIN));
        if (origin == null) {
            return false;
        }
        if (config.publicUrl().map(own -> same(origin, own)).orElse(false)) {
            return true;
        }
        String host = request.getHeader(HttpHeaders.HOST);
        URI own = host == null ? null : parse(origin.getScheme() + "://" + host);
        return own != null && same(origin, own);
    }

    private static URI parse(String text) {
        if (text == null) {
            return null;
        }
        try {
            URI uri = new URI(text);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return web && uri.getHost() != null && uri.getRawUserInfo() == null ? uri : null;
        } catch (java.net.URISyntaxException e) {
            return null;
        }
    }

    private static boolean same(URI a, URI b) {
        return a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getHost().toLowerCase(Locale.ROOT).equals(b.getHost().toLowerCase(Locale.ROOT))
                && port(a) == port(b);
    }

    private static int port(URI uri) {
        if (uri.getPort() != -1) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
}
