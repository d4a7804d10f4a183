package dev.berth.security;

import dev.berth.common.Problem;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/** Refusals that are given before any page or resource is asked. */
final class Refusals {
    private static final int LINGER_MILLIS = 1_000;

    /** Where a request keeps the problem for which the gate turned it away, for the answer. */
    static final String WHY = Refusals.class.getName();

    private Refusals() {}

    static boolean isApi(RoutingContext context) {
        String path = context.normalizedPath();
        return path.equals("/api") || path.startsWith("/api/");
    }

    /** The API's answer to whoever is to wait before more is looked at. */
    static void tooMany(RoutingContext context, TooManyAttemptsException tooMany) {
        problem(
                context,
                Problem.of(429, "too-many-attempts", tooMany.sentence()),
                headers -> headers.set("Retry-After", Long.toString(tooMany.seconds())));
    }

    static void problem(RoutingContext context, Problem problem) {
        problem(context, problem, headers -> {});
    }

    /** The same to a request whose body is not to be read: whoever sends it gets a moment to read why, then it is over. */
    static void last(RoutingContext context, Problem problem, Consumer<MultiMap> headers) {
        var connection = context.request().connection();
        context.addEndHandler(ignored -> context.vertx().setTimer(LINGER_MILLIS, timer -> connection.close()));
        problem(context, problem, all -> {
            all.set("Connection", "close");
            headers.accept(all);
        });
    }

    /** Problem details for the API, the sentence for everything else. */
    static void problem(RoutingContext context, Problem problem, Consumer<MultiMap> headers) {
        var response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (problem.status() == 503) {
            response.putHeader("Retry-After", "5");
        }
        headers.accept(response.headers());
        response.setStatusCode(problem.status());
        if (isApi(context)) {
            response.putHeader("Content-Type", Problem.MEDIA_TYPE).end(problem.json());
        } else {
            response.putHeader("Content-Type", "text/plain;charset=UTF-8").end(problem.detail() + "\n");
        }
    }
}
