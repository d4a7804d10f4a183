package dev.berth.common;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Points in time as rows of native queries have them: of whichever type Hibernate takes for the column's. */
public final class SqlTimes {
    private SqlTimes() {}

    /** @param value of a column; null stays null */
    public static Instant instant(Object value) {
        return value instanceof Timestamp time
                ? time.toInstant()
                : value instanceof OffsetDateTime time ? time.toInstant() : (Instant) value;
    }
}
