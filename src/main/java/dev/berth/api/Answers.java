package dev.berth.api;

import dev.berth.common.ProblemException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestResponse;

/** What resources have in common: how they answer, and how they read what came. */
final class Answers {
    private Answers() {}

    static <T> RestResponse<T> created(String path, T entity) {
        return RestResponse.ResponseBuilder.create(RestResponse.Status.CREATED, entity)
                .location(URI.create(ApiPaths.V1 + path))
                .build();
    }

    /** Wanted from now on; a worker brings it about. */
    static <T> RestResponse<T> accepted(T entity) {
        return RestResponse.accepted(entity);
    }

    static <T> T body(T body) {
        if (body == null) {
            throw ProblemException.invalid("body", "Send a JSON object as the body.");
        }
        return body;
    }

    static String text(String text) {
        return text == null ? "" : text;
    }

    static <T> List<T> list(List<T> list) {
        return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
    }

    /** @return the constant, whatever the case of its letters, or null for null and empty text */
    static <E extends Enum<E>> E word(Class<E> type, String field, String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid(
                        field,
                        "Use one of "
                                + Arrays.stream(type.getEnumConstants())
                                        .map(Enum::name)
                                        .collect(Collectors.joining(", "))
                                + "."));
    }
}
