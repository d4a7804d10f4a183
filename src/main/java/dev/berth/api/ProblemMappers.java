package dev.berth.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.berth.common.PageProblems;
import dev.berth.common.Problem;
import dev.berth.common.ProblemException;
import io.quarkus.security.ForbiddenException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Every error of a resource: problem details (RFC 9457) under /api, a page of {@link PageProblems} elsewhere. Who is not
 * signed in never gets as far as a resource: see {@code dev.berth.security.LocalDoors}.
 */
@ApplicationScoped
class ProblemMappers {
    private static final String UNREADABLE = "What was sent is not whole or has broken escapes (%). Send it again.";

    private final Instance<PageProblems> pages;

    ProblemMappers(Instance<PageProblems> pages) {
        this.pages = pages;
    }

    @ServerExceptionMapper
    Response problem(ProblemException exception, HttpServerRequest request) {
        return answer(request, Problem.of(exception));
    }

    @ServerExceptionMapper
    Response mismatch(MismatchedInputException exception, HttpServerRequest request) {
        return answer(request, Problems.of(exception));
    }

    @ServerExceptionMapper
    Response violation(ConstraintViolationException exception, HttpServerRequest request) {
        Map<String, String> fields = exception.getConstraintViolations().stream()
                .collect(Collectors.toMap(
                        violation -> lastNode(violation.getPropertyPath().toString()),
                        violation -> violation.getMessage(),
                        (first, second) -> first));
        return answer(request, Problem.of(ProblemException.invalid(fields)));
    }

    @ServerExceptionMapper
    Response web(WebApplicationException exception, HttpServerRequest request) {
        Response response = exception.getResponse();
        if (response.getStatus() < 400 || response.hasEntity()) {
            return response;
        }
        if (exception.getCause() instanceof JsonProcessingException malformed) {
            return answer(request, Problems.of(malformed));
        }
        if (exception instanceof NotSupportedException && request.getHeader("Content-Type") == null) {
            return answer(request, Problem.of(415, "unsupported-media-type", "Say what the body is: Content-Type."));
        }
        return answer(request, Problems.of(response.getStatus()));
    }

    @ServerExceptionMapper
    Response forbidden(ForbiddenException exception, HttpServerRequest request) {
        return answer(request, Problems.of(403));
    }

    @ServerExceptionMapper
    Response anything(Throwable exception, HttpServerRequest request) {
        return answer(
                request, isUnreadable(exception) ? Problem.of(400, "invalid", UNREADABLE) : Problem.of(exception));
    }

    /** What was sent ended before it was whole, or can't be taken apart: what reads bodies threw it, nothing of ours. */
    private static boolean isUnreadable(Throwable exception) {
        StackTraceElement[] trace = exception.getStackTrace();
        String thrower = trace.length == 0 ? "" : trace[0].getClassName();
        return exception instanceof IOException && thrower.startsWith("org.jboss.resteasy.reactive.server.")
                || exception instanceof IllegalArgumentException && thrower.equals(URLDecoder.class.getName());
    }

    private Response answer(HttpServerRequest request, Problem problem) {
        Response.ResponseBuilder response = Response.status(problem.status());
        if (problem.status() == 503 || problem.status() == 429) {
            response.header("Retry-After", "5");
        }
        if (ApiPaths.isApi(request.path())) {
            return response.type(Problem.MEDIA_TYPE).entity(problem.json()).build();
        }
        return pages.isResolvable()
                ? response.type(MediaType.TEXT_HTML + ";charset=UTF-8")
                        .entity(pages.get().html(problem))
                        .build()
                : response.type(MediaType.TEXT_PLAIN + ";charset=UTF-8")
                        .entity(problem.detail())
                        .build();
    }

    private static String lastNode(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
