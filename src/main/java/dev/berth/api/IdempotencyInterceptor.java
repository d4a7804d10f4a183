package dev.berth.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.common.Problem;
import dev.berth.common.ProblemException;
import dev.berth.common.Sha256;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Does a call with an {@code Idempotency-Key} once. Only an answer that was a success is kept: after an error nothing
 * was done, and the same call under the same key is tried again.
 */
@Idempotent
@Interceptor
@Priority(Interceptor.Priority.PLATFORM_BEFORE)
public class IdempotencyInterceptor {
    static final String KEY = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";
    private static final int SLOW_ROUNDS = 100_000;
    private static final Pattern SYNTAX = Pattern.compile("[\\x21-\\x7e]{1,100}");

    private static final Problem REUSED = Problem.of(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request. Make a new one for each request.");

    private final IdempotencyKeys keys;
    private final Callers callers;
    private final RoutingContext routing;
    private final ObjectMapper mapper;

    IdempotencyInterceptor(IdempotencyKeys keys, Callers callers, RoutingContext routing, ObjectMapper mapper) {
        this.keys = keys;
        this.callers = callers;
        this.routing = routing;
        this.mapper = mapper;
    }

    @AroundInvoke
    Object once(InvocationContext invocation) throws Exception {
        String key = routing.request().getHeader(KEY);
        if (key == null) {
            return invocation.proceed();
        }
        if (!SYNTAX.matcher(key).matches()) {
            throw ProblemException.invalid(KEY, "Use 1 to 100 visible ASCII characters without blanks.");
        }
        Caller caller = callers.current();
        Idempotent how = invocation.getMethod().getAnnotation(Idempotent.class);
        String call = routing.request().method() + " " + routing.request().uri() + "\n"
                + mapper.writeValueAsString(invocation.getParameters());
        String request = how != null && how.secret() ? slowFingerprint(call, caller.userId() + key) : Sha256.hex(call);
        int seconds = how == null ? 60 : how.seconds();
        return QuarkusTransaction.requiringNew().timeout(seconds).call(() -> {
            Optional<IdempotencyKeys.Used> before = keys.take(caller.userId(), key, request);
            if (before.isPresent()) {
                return replay(before.get(), request);
            }
            Object answer = invocation.proceed();
            keys.answered(caller.userId(), key, stored((RestResponse<?>) answer));
            return answer;
        });
    }

    private RestResponse<Object> replay(IdempotencyKeys.Used before, String request) throws JsonProcessingException {
        if (!before.request().equals(request)) {
            throw new WebApplicationException(Response.status(REUSED.status())
                    .type(Problem.MEDIA_TYPE)
                    .entity(REUSED.json())
                    .build());
        }
        IdempotencyKeys.Answer answer = before.answer();
        Object body = answer.body().isEmpty() ? null : mapper.readTree(answer.body());
        var response = RestResponse.ResponseBuilder.create(RestResponse.Status.fromStatusCode(answer.status()), body)
                .header(REPLAYED, "true");
        if (answer.location() != null) {
            response.location(URI.create(answer.location()));
        }
        return response.build();
    }

    private IdempotencyKeys.Answer stored(RestResponse<?> response) throws JsonProcessingException {
        URI location = response.getLocation();
        Object entity = response.getEntity() instanceof ShownOnce once ? once.kept() : response.getEntity();
        return new IdempotencyKeys.Answer(
                response.getStatus(),
                location == null ? null : location.toString(),
                entity == null ? "" : mapper.writeValueAsString(entity));
    }

    /** The same, of a call with a password in it: PBKDF2 (RFC 8018) instead of a plain digest. */
    private static String slowFingerprint(String call, String salt) {
        try {
            var secret = new PBEKeySpec(call.toCharArray(), salt.getBytes(StandardCharsets.UTF_8), SLOW_ROUNDS, 256);
            return HexFormat.of()
                    .formatHex(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(secret)
                            .getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
