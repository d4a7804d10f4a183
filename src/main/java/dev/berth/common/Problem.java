package dev.berth.common;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * An error as programs get it: RFC 9457 problem details with a stable code and sentences for single fields.
 *
 * @param code the stable word that programs decide by; {@code type} and {@code title} follow from it
 * @param detail a sentence that says what to do next
 * @param fields sentences by field name
 * @param members more facts, each group under a name of its own
 * @param incident the id under which the log has more, or null
 */
public record Problem(
        int status,
        String code,
        String detail,
        Map<String, String> fields,
        Map<String, Map<String, Object>> members,
        String incident) {
    private static final Logger LOG = Logger.getLogger(Problem.class);

    private static final String UNIQUE = "23505";
    /** PostgreSQL's texts hold no NUL. */
    private static final String NOT_TEXT = "22021";

    private static final int DEEPEST_CAUSE = 20;

    public static final String MEDIA_TYPE = "application/problem+json";

    public static Problem of(int status, String code, String detail) {
        return new Problem(status, code, detail, Map.of(), Map.of(), null);
    }

    public static Problem of(ProblemException exception) {
        return new Problem(
                exception.kind().status(),
                exception.code(),
                exception.getMessage(),
                exception.fields(),
                exception.members(),
                null);
    }

    public static Problem signIn() {
        return of(401, "unauthorized", "Sign in to do this: the user name or password is missing or wrong.");
    }

    public static Problem nothingHere() {
        return of(404, "not-found", "There is nothing at this address.");
    }

    /** Whatever was thrown, told so that it gives nothing away; what is our own failing is logged. */
    public static Problem of(Throwable failure) {
        Optional<ProblemException> known = cause(failure, ProblemException.class);
        if (known.isPresent()) {
            return of(known.get());
        }
        return cause(failure, SQLException.class).flatMap(Problem::ofDatabase).orElseGet(() -> incident(failure));
    }

    private static Optional<Problem> ofDatabase(SQLException failure) {
        String state = failure.getSQLState();
        if (UNIQUE.equals(state)) {
            return Optional.of(
                    of(
                            409,
                            "taken",
                            "Somebody made something with this name at the same moment. Look again, then choose another name."));
        }
        if (NOT_TEXT.equals(state)) {
            return Optional.of(of(400, "invalid", "Take out the control characters."));
        }
        // Class 08 is a lost connection, 57P an administrator's shutdown; none at all is the pool's own.
        if (state == null || state.startsWith("08") || state.startsWith("57P")) {
            LOG.errorf("The database can't be reached: %s", failure.getMessage());
            return Optional.of(
                    of(503, "database-unavailable", "The database can't be reached right now. Try again in a moment."));
        }
        return Optional.empty();
    }

    /** Something of ours failed: the log has it under the problem's incident. */
    private static Problem incident(Throwable failure) {
        String incident = UUID.randomUUID().toString();
        LOG.errorf(failure, "Incident %s", incident);
        return new Problem(
                500,
                "internal-error",
                "Something went wrong inside Berth. An admin can find the reason in the log under " + incident + ".",
                Map.of(),
                Map.of(),
                incident);
    }

    private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
        Throwable at = failure;
        for (int depth = 0; at != null && depth < DEEPEST_CAUSE; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }

    public String type() {
        return "/problems/" + code;
    }

    /** {@code Quota exceeded}. */
    public String title() {
        return Character.toUpperCase(code.charAt(0)) + code.substring(1).replace('-', ' ');
    }

    public String json() {
        List<JsonObject> errors = fields.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new JsonObject().put("field", entry.getKey()).put("detail", entry.getValue()))
                .toList();
        JsonObject json = new JsonObject()
                .put("type", type())
                .put("title", title())
                .put("status", status)
                .put("detail", detail)
                .put("code", code)
                .put("errors", new JsonArray(errors));
        members.forEach((name, facts) -> json.put(name, new JsonObject(facts)));
        return (incident == null ? json : json.put("incident", incident)).encode();
    }
}
