package dev.berth.security;

import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Locale;

/**
 * Whether a request that changes something comes from our own pages or from a program. Browsers say where a request
 * comes from in headers that no page can set; programs send neither.
 *
 * @see <a href="https://www.w3.org/TR/fetch-metadata/">Fetch Metadata Request Headers</a>
 */
public final class CrossSite {
    private CrossSite() {}

    /** @param publicUrl our address behind a proxy, or null to compare with the request's own host */
    static boolean allows(HttpServerRequest request, URI publicUrl) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return false;
        }
        return request.getHeader("Origin") == null || isOwn(request, publicUrl);
    }

    /**
     * Whether a page of ours is what the request names as its Origin; {@code null} and none at all are not.
     *
     * @param publicUrl our address behind a proxy, or null to compare with the request's own host
     */
    public static boolean isOwn(HttpServerRequest request, URI publicUrl) {
        String origin = request.getHeader("Origin");
        return origin != null && isOwn(origin, host(request), publicUrl);
    }

    /** HTTP/2 says it in a field of its own (RFC 9113, 8.3.1). */
    private static String host(HttpServerRequest request) {
        String host = request.getHeader("Host");
        return host != null || request.authority() == null
                ? host
                : request.authority().toString();
    }

    private static boolean isOwn(String origin, String host, URI publicUrl) {
        URI parsed;
        try {
            parsed = URI.create(origin);
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (parsed.getScheme() == null || parsed.getAuthority() == null) {
            return false;
        }
        String authority = parsed.getAuthority().toLowerCase(Locale.ROOT);
        return publicUrl == null
                ? authority.equals(host == null ? null : host.toLowerCase(Locale.ROOT))
                : parsed.getScheme().equals(publicUrl.getScheme())
                        && authority.equals(publicUrl.getAuthority().toLowerCase(Locale.ROOT));
    }
}
