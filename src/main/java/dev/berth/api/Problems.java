package dev.berth.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.berth.common.Problem;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What went wrong, told so that a program and a person can act on it; never a stack trace, a path or SQL. */
final class Problems {
    private Problems() {}

    static Problem of(int status) {
        return switch (status) {
            case 400 ->
                Problem.of(status, "bad-request", "The request can't be understood. Check it and send it again.");
            case 401 -> Problem.signIn();
            case 403 -> Problem.of(status, "forbidden", "You may not do this.");
            case 404 -> Problem.nothingHere();
            case 405 -> Problem.of(status, "method-not-allowed", "This address does not take that method.");
            case 406 -> Problem.of(status, "not-acceptable", "This address answers application/json only.");
            case 413 -> Problem.of(status, "too-large", "The body is too large.");
            case 415 -> Problem.of(status, "unsupported-media-type", "Send the body as application/json.");
            default ->
                status < 500
                        ? Problem.of(status, "refused", "The request was refused.")
                        : Problem.of(status, "unavailable", "This does not work right now. Try again later.");
        };
    }

    /** The body was not what it should have been. */
    static Problem of(JsonProcessingException exception) {
        if (exception instanceof UnrecognizedPropertyException unknown) {
            String known = unknown.getKnownPropertyIds() == null
                    ? ""
                    : " Known are: "
                            + unknown.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .collect(Collectors.toCollection(TreeSet::new))
                                    .stream()
                                    .collect(Collectors.joining(", "))
                            + ".";
            return invalid(unknown, "There is no such field here." + known);
        }
        if (exception instanceof MismatchedInputException mismatch) {
            return invalid(mismatch, wanted(mismatch));
        }
        if (exception instanceof JsonMappingException mapping
                && !mapping.getPath().isEmpty()) {
            // The parser's own complaint inside a field: in practice a number that no field can hold.
            return invalid(mapping, "This value is not valid here; a number may be out of range.");
        }
        if (exception instanceof InputCoercionException) {
            return Problem.of(400, "invalid", "A number is out of range.");
        }
        var at = exception.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        return Problem.of(400, "malformed-json", "The body is not valid JSON" + where + ".");
    }

    private static String wanted(MismatchedInputException mismatch) {
        Class<?> type = mismatch.getTargetType();
        if (type != null && type.isEnum() && mismatch instanceof InvalidFormatException) {
            return "Use one of "
                    + java.util.Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "))
                    + ".";
        }
        if (type == null) {
            return "This value does not fit here.";
        }
        String kind = type == int.class || type == long.class || Number.class.isAssignableFrom(type)
                ? "a whole number"
                : type == String.class ? "a text" : type == boolean.class ? "true or false" : "";
        if (kind.isEmpty()) {
            kind = java.util.Collection.class.isAssignableFrom(type) ? "a list" : "an object";
        }
        return "This has to be " + kind + ".";
    }

    private static Problem invalid(JsonMappingException exception, String sentence) {
        String field = exception.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        if (field.isEmpty()) {
            return Problem.of(400, "invalid", "Send a JSON object as the body.");
        }
        // The field's name came from outside; it is bounded, and JSON or HTML escaping is whoever's that shows it.
        String name = field.length() > 100 ? field.substring(0, 100) : field;
        return new Problem(400, "invalid", name + ": " + sentence, Map.of(name, sentence), Map.of(), null);
    }
}
