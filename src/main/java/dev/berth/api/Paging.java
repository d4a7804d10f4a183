package dev.berth.api;

import dev.berth.common.Cursor;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** Which page of a list is wanted. */
public class Paging {
    static final int MAX = 200;
    private static final int DEFAULT = 50;

    @Parameter(
            description = "How many items at most, 1 to 200.",
            schema = @Schema(type = SchemaType.INTEGER, minimum = "1", maximum = "200", defaultValue = "50"))
    @QueryParam("limit")
    String limit;

    @Parameter(description = "The `next` of the page before.")
    @QueryParam("cursor")
    String cursor;

    int limit() {
        if (limit == null || limit.isEmpty()) {
            return DEFAULT;
        }
        try {
            int number = Integer.parseInt(limit);
            if (number >= 1 && number <= MAX) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through: not a number.
        }
        throw ProblemException.invalid("limit", "Choose between 1 and " + MAX + " items.");
    }

    String cursor() {
        return cursor;
    }

    /** A page of a list that is short enough to be had whole. */
    <T> Page<T> slice(List<T> all, Function<T, String> key) {
        Cursor after = Cursor.decode(cursor);
        int from = 0;
        if (after != null) {
            while (from < all.size() && !key.apply(all.get(from)).equals(after.id())) {
                from++;
            }
            if (from == all.size()) {
                throw ProblemException.invalid("cursor", "This cursor is not valid. Start again from the first page.");
            }
            from++;
        }
        List<T> rows = all.subList(from, Math.min(all.size(), from + limit() + 1));
        return Page.of(rows, limit(), item -> new Cursor("", key.apply(item)));
    }
}
