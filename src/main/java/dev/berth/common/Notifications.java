package dev.berth.common;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Listens to one PostgreSQL channel (LISTEN) on a connection of its own, and opens it again when it breaks. What was
 * said while nobody listened is lost: after each (re)connect the handler gets an empty payload, "look at everything".
 */
public final class Notifications implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Notifications.class);
    private static final int WAIT_MILLIS = 1_000;

    private final String channel;
    private final DataSource dataSource;
    private final Consumer<String> handler;
    private final Thread thread;
    private volatile boolean closed;

    /** @param channel a constant of ours, never text from outside */
    public Notifications(String channel, DataSource dataSource, Consumer<String> handler) {
        this.channel = channel;
        this.dataSource = dataSource;
        this.handler = handler;
        this.thread = new Thread(this::run, "listen-" + channel);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closed) {
            try (Connection connection = dataSource.getConnection()) {
                listen(connection);
            } catch (SQLException e) {
                if (!closed) {
                    LOG.warnf("Lost the database while listening to %s: %s", channel, e.getMessage());
                    pause();
                }
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("listen " + channel);
        }
        PGConnection pg = connection.unwrap(PGConnection.class);
        deliver("");
        try {
            while (!closed) {
                for (PGNotification notification : pg.getNotifications(WAIT_MILLIS)) {
                    deliver(notification.getParameter());
                }
            }
        } finally {
            if (!connection.isClosed()) {
                try (var statement = connection.createStatement()) {
                    statement.execute("unlisten *");
                }
            }
        }
    }

    private void deliver(String payload) {
        try {
            handler.accept(payload);
        } catch (RuntimeException e) {
            LOG.errorf(e, "A listener to %s failed", channel);
        }
    }

    @SuppressWarnings("BusyWait")
    private void pause() {
        try {
            Thread.sleep(WAIT_MILLIS);
        } catch (InterruptedException e) {
            closed = true;
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
