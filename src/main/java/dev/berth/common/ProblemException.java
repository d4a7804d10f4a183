package dev.berth.common;

import java.util.Map;

/**
 * What a person did can't be done. Carries a stable code for programs, a sentence that says what to do next, and
 * sentences for single fields. The API shows it as RFC 9457 problem details, pages beside the fields.
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The class of a problem, and with it the HTTP status. */
    public enum Kind {
        INVALID(400),
        FORBIDDEN(403),
        NOT_FOUND(404),
        CONFLICT(409),
        TOO_MANY(429),
        UNAVAILABLE(503);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    private final Kind kind;
    private final String code;
    private final transient Map<String, String> fields;
    private final transient Map<String, Map<String, Object>> members;

    private ProblemException(
            Kind kind,
            String code,
            String message,
            Map<String, String> fields,
            Map<String, Map<String, Object>> members) {
        super(message);
        this.kind = kind;
        this.code = code;
        this.fields = Map.copyOf(fields);
        this.members = Map.copyOf(members);
    }

    private ProblemException(Kind kind, String code, String message, Map<String, String> fields) {
        this(kind, code, message, fields, Map.of());
    }

    /** The same with facts for programs under a name of their own. */
    public ProblemException with(String member, Map<String, Object> facts) {
        return new ProblemException(kind, code, getMessage(), fields(), Map.of(member, facts));
    }

    /** @param fields sentences by field name */
    public static ProblemException invalid(Map<String, String> fields) {
        String message = fields.size() == 1
                ? fields.values().iterator().next()
                : "Some fields need another look: " + String.join(", ", fields.keySet()) + ".";
        return new ProblemException(Kind.INVALID, "invalid", message, fields);
    }

    public static ProblemException invalid(String field, String message) {
        return invalid(Map.of(field, message));
    }

    public static ProblemException forbidden(String message) {
        return new ProblemException(Kind.FORBIDDEN, "forbidden", message, Map.of());
    }

    /** Also for what belongs to another tenant: such a thing is simply not found. */
    public static ProblemException notFound(String what) {
        return new ProblemException(Kind.NOT_FOUND, "not-found", "There is no such " + what + ".", Map.of());
    }

    public static ProblemException conflict(String code, String message) {
        return new ProblemException(Kind.CONFLICT, code, message, Map.of());
    }

    /** Not so often. */
    public static ProblemException tooMany(String code, String message) {
        return new ProblemException(Kind.TOO_MANY, code, message, Map.of());
    }

    public static ProblemException unavailable(String code, String message) {
        return new ProblemException(Kind.UNAVAILABLE, code, message, Map.of());
    }

    public Kind kind() {
        return kind;
    }

    public String code() {
        return code;
    }

    /** Facts for programs, by the name of each group. */
    public Map<String, Map<String, Object>> members() {
        return members == null ? Map.of() : members;
    }

    public Map<String, String> fields() {
        return fields == null ? Map.of() : fields;
    }
}
