package dev.berth.machines;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import javax.sql.DataSource;

/** How many machines' leases are how far, for monitoring: asked of the database at most every few seconds. */
@ApplicationScoped
public class LeaseFigures {
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final DataSource dataSource;
    private final Clock clock;
    private Map<LeaseState, Long> counts = Map.of();
    private Instant asked = Instant.EPOCH;

    LeaseFigures(DataSource dataSource, Clock clock) {
        this.dataSource = dataSource;
        this.clock = clock;
    }

    /** @throws SQLException when the database can't be asked */
    public synchronized long count(LeaseState state) throws SQLException {
        if (asked.plus(FRESH).isBefore(clock.instant())) {
            counts = counts();
            asked = clock.instant();
        }
        return counts.getOrDefault(state, 0L);
    }

    private Map<LeaseState, Long> counts() throws SQLException {
        Map<LeaseState, Long> found = new EnumMap<>(LeaseState.class);
        try (var connection = dataSource.getConnection();
                var statement = connection.prepareStatement(
                        "select lease_state, count(*) from machine where gone_at is null group by lease_state");
                var rows = statement.executeQuery()) {
            while (rows.next()) {
                found.put(LeaseState.valueOf(rows.getString(1)), rows.getLong(2));
            }
        }
        return found;
    }
}
