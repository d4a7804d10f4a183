package dev.berth.provisioning;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;

/** How the queue stands, for monitoring: asked of the database at most every few seconds, however often it is asked. */
@ApplicationScoped
public class QueueFigures {
    private static final Duration FRESH = Duration.ofSeconds(5);

    /**
     * @param due jobs that could run and wait for a worker
     * @param running jobs that a worker is at
     * @param oldestSeconds how long the first of the due ones has waited
     */
    public record Standing(long due, long running, long oldestSeconds) {}

    private final DataSource dataSource;
    private final Clock clock;

    private Standing standing = new Standing(0, 0, 0);
    private Instant asked = Instant.EPOCH;

    QueueFigures(DataSource dataSource, Clock clock) {
        this.dataSource = dataSource;
        this.clock = clock;
    }

    /** @throws SQLException when the database can't be asked */
    public synchronized Standing standing() throws SQLException {
        if (asked.plus(FRESH).isBefore(clock.instant())) {
            try (var connection = dataSource.getConnection();
                    var statement = connection.prepareStatement(
                            """
                            select count(*) filter (where not picked and execution_time <= now()),
                                   count(*) filter (where picked),
                                   coalesce(extract(epoch from now() - min(execution_time) filter
                                       (where not picked and execution_time <= now())), 0)
                              from scheduled_tasks where task_name like ?""")) {
                statement.setString(1, DbQueue.TASK_PREFIX + "%");
                try (var row = statement.executeQuery()) {
                    row.next();
                    standing = new Standing(row.getLong(1), row.getLong(2), row.getLong(3));
                    asked = clock.instant();
                }
            }
        }
        return standing;
    }
}
