package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.jdbc.PostgreSqlJdbcCustomization;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Has db-scheduler's polling take the jobs of this worker's hosts only; by itself it takes every due row and finds
 * afterwards that it does not know the task.
 */
final class OwnHostsOnly extends PostgreSqlJdbcCustomization {
    private final String condition;

    /** @param hostNames checked slugs: they become part of a query */
    OwnHostsOnly(Collection<String> hostNames) {
        super(true, false);
        hostNames.forEach(name -> {
            if (!name.matches("[a-z0-9-]+")) {
                throw new IllegalArgumentException("Not a host name: " + name);
            }
        });
        condition = hostNames.stream()
                .flatMap(name -> Stream.of(DbQueue.TASK_PREFIX, DbQueue.DISK_PREFIX, DbQueue.STRAY_PREFIX)
                        .map(prefix -> prefix + name))
                .map(task -> "'" + task + "'")
                .collect(Collectors.joining(", ", " and task_name in (", ") "));
    }

    @Override
    public String createGenericSelectForUpdateQuery(
            String tableName, int limit, String requiredAndCondition, boolean orderByPriority) {
        return super.createGenericSelectForUpdateQuery(
                tableName, limit, requiredAndCondition + condition, orderByPriority);
    }
}
