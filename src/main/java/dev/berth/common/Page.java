package dev.berth.common;

import java.util.List;
import java.util.function.Function;

/**
 * One page of a list that is paged by key.
 *
 * @param next the cursor of the page after this one, or null on the last page
 */
public record Page<T>(List<T> items, String next) {
    /** @param rows up to {@code limit + 1} rows: the one too many tells that there is a next page */
    public static <T> Page<T> of(List<T> rows, int limit, Function<T, Cursor> cursor) {
        if (rows.size() <= limit) {
            return new Page<>(List.copyOf(rows), null);
        }
        List<T> items = List.copyOf(rows.subList(0, limit));
        return new Page<>(items, cursor.apply(items.get(limit - 1)).encoded());
    }

    public <R> Page<R> map(Function<T, R> f) {
        return new Page<>(items.stream().map(f).toList(), next);
    }
}
