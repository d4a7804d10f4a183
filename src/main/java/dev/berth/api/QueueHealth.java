package dev.berth.api;

import dev.berth.provisioning.QueueFigures;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** The queue. A long one is no reason to send nobody here; it is shown, and the metrics are for alerts. */
@Readiness
@ApplicationScoped
public class QueueHealth implements HealthCheck {
    private final QueueFigures queue;

    QueueHealth(QueueFigures queue) {
        this.queue = queue;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("queue");
        try {
            var standing = queue.standing();
            return response.up()
                    .withData("due", standing.due())
                    .withData("running", standing.running())
                    .withData("oldestSeconds", standing.oldestSeconds())
                    .build();
        } catch (SQLException e) {
            return response.down()
                    .withData("problem", "The database does not answer.")
                    .build();
        }
    }
}
