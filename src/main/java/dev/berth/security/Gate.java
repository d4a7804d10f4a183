package dev.berth.security;

import dev.berth.common.BerthConfig;
import dev.berth.common.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** What every HTTP request passes first, whatever it asks for and whoever asks. */
@ApplicationScoped
public class Gate {
    private static final Logger LOG = Logger.getLogger(Gate.class);

    /** Filters run from the highest priority to the lowest; Quarkus's own authentication is at 200. */
    private static final int HEADERS = 1_000;

    private static final int ROLE = 900;
    private static final int CROSS_SITE = 800;
    private static final int SIZE = 700;
    /** After authentication at 200 and authorization at 100. */
    private static final int PARTS = 50;

    private static final Set<HttpMethod> SAFE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE);
    /** Everything but an image's bytes is small. */
    private static final long MAX_BODY_BYTES = 256 * 1_024;

    /** RFC 2046, 5.1.1; RESTEasy fails on an empty one. */
    private static final Pattern BOUNDARY = Pattern.compile("; *boundary=(\"[^\"]{1,70}\"|[^\" ;]{1,70})( *$| *;)");

    private static final Problem NO_HOST = Problem.of(400, "invalid", "Say which host this is for, once (Host).");
    /** PostgreSQL's texts can't hold what this stands for. */
    private static final String NUL = "%00";

    private final BerthConfig config;
    private final URI publicUrl;
    private final Uploads uploads;

    Gate(BerthConfig config, Uploads uploads) {
        this.config = config;
        this.uploads = uploads;
        this.publicUrl = config.publicUrl().orElse(null);
    }

    /** Whether requests of this method change nothing (RFC 9110, 9.2.1). */
    public static boolean isSafe(HttpMethod method) {
        return SAFE.contains(method);
    }

    void register(@Observes Filters filters) {
        filters.register(this::headers, HEADERS);
        filters.register(this::role, ROLE);
        filters.register(this::crossSite, CROSS_SITE);
        filters.register(this::size, SIZE);
        filters.register(this::parts, PARTS);
    }

    /** Vert.x itself refuses requests whose host can't be read, before any filter is asked. */
    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(context -> {
            if (context.statusCode() == NO_HOST.status() && context.failure() instanceof VertxException) {
                Refusals.problem(context, NO_HOST);
            } else {
                context.next();
            }
        });
    }

    private void headers(RoutingContext context) {
        SecurityHeaders.put(context.response().headers(), Refusals.isApi(context), https(context));
        if (https(context)) {
            context.addHeadersEndHandler(
                    ignored -> SecurityHeaders.secureCookies(context.response().headers()));
        }
        context.next();
    }

    /** Ended by a proxy, which the public address tells, or by ourselves. */
    private boolean https(RoutingContext context) {
        return publicUrl == null ? context.request().isSSL() : "https".equals(publicUrl.getScheme());
    }

    /** What names nothing that could be here; and a worker has no pages and no API. */
    private void role(RoutingContext context) {
        String path = context.normalizedPath();
        HttpServerRequest request = context.request();
        if (request.authority() == null && !path.startsWith("/q/")
                || request.headers().getAll("Host").size() > 1) {
            // RFC 9112, 3.2; and Vert.x fails where an address is made of it.
            Refusals.problem(context, NO_HOST);
        } else if (request.uri().contains(NUL)) {
            Refusals.problem(context, Problem.of(400, "invalid", "Nothing has an address with " + NUL + " in it."));
        } else if (config.web() || path.startsWith("/q/") || path.startsWith("/internal/")) {
            context.next();
        } else {
            Refusals.problem(
                    context, Problem.of(404, "not-found", "This process is a worker: it has no pages and no API."));
        }
    }

    private void crossSite(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (isSafe(request.method()) || CrossSite.allows(request, publicUrl)) {
            context.next();
            return;
        }
        LOG.infof("Refused a cross-site %s of %s", request.method(), request.remoteAddress());
        Refusals.problem(
                context,
                Problem.of(
                        403,
                        "cross-site",
                        "This came from another site. Open Berth itself and do it there; behind a proxy, berth.public-url has to be its address."));
    }

    /** A body without a stated length can't be judged beforehand; nothing that Berth's clients send needs one. */
    private void size(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (isSafe(request.method())) {
            context.next();
            return;
        }
        if (upload(context)) {
            uploads.admit(context);
            return;
        }
        String length = request.getHeader("Content-Length");
        if (length == null && request.getHeader("Transfer-Encoding") != null) {
            Refusals.last(
                    context,
                    Problem.of(411, "length-required", "Send the body's length (Content-Length)."),
                    headers -> {});
        } else if (length != null && tooLong(length)) {
            Refusals.last(
                    context,
                    Problem.of(413, "too-large", "The body is too large: send at most " + MAX_BODY_BYTES + " bytes."),
                    headers -> {});
        } else {
            context.next();
        }
    }

    /** Once it is known who sends them. */
    private void parts(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (isSafe(request.method())
                || !upload(context)
                || BOUNDARY.matcher(request.getHeader("Content-Type")).find()) {
            context.next();
        } else {
            Refusals.last(
                    context,
                    Problem.of(400, "invalid", "The Content-Type has to name the boundary of the parts."),
                    headers -> {});
        }
    }

    private static boolean tooLong(String length) {
        try {
            return Long.parseLong(length) > MAX_BODY_BYTES;
        } catch (NumberFormatException e) {
            return true;
        }
    }

    /** Images alone are sent in parts; quarkus.http.limits.max-body-size bounds them. */
    private static boolean upload(RoutingContext context) {
        String type = context.request().getHeader("Content-Type");
        String path = context.normalizedPath();
        return type != null
                && type.startsWith("multipart/form-data")
                && (path.equals("/api/v1/images") || path.equals("/admin/images"));
    }

    /** What fails before a resource is reached is a problem as well. */
    void failures(@Observes Router router) {
        router.route("/api/*").order(Integer.MIN_VALUE).failureHandler(context -> {
            Throwable failure = context.failure();
            int status = context.statusCode();
            if (failure instanceof SecurityException || context.response().ended()) {
                context.next();
            } else if (failure == null && status >= 400 && status < 500) {
                Refusals.problem(context, Problem.of(status, "refused", "The request was refused."));
            } else {
                Refusals.problem(context, Problem.of(failure));
            }
        });
    }
}
