package dev.berth.security;

import io.vertx.core.MultiMap;
import java.util.List;

/** What browsers are told about every answer. */
final class SecurityHeaders {
    /** No inline script or style; data: images are in Tabler's stylesheet. 'self' covers the console's web socket. */
    private static final String POLICY = String.join(
            "; ",
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'");

    private SecurityHeaders() {}

    static void put(MultiMap headers, boolean api, boolean https) {
        headers.set("Content-Security-Policy", POLICY)
                .set("X-Content-Type-Options", "nosniff")
                .set("Referrer-Policy", "same-origin")
                .set("Cross-Origin-Opener-Policy", "same-origin")
                .set("Cross-Origin-Resource-Policy", "same-origin")
                .set("X-Frame-Options", "DENY");
        if (api) {
            headers.set("Cache-Control", "no-store");
        }
        if (https) {
            headers.set("Strict-Transport-Security", "max-age=31536000");
        }
    }

    /** Behind a proxy that ends TLS, cookies made here don't know that they travel under it. */
    static void secureCookies(MultiMap headers) {
        List<String> cookies = headers.getAll("Set-Cookie");
        if (!cookies.isEmpty()) {
            headers.set(
                    "Set-Cookie",
                    cookies.stream()
                            .map(cookie -> cookie.contains("Secure") ? cookie : cookie + "; Secure")
                            .toList());
        }
    }
}
