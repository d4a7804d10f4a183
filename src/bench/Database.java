import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;

/** A PostgreSQL of its own in the directory given; prints its JDBC URL and serves until standard input ends. */
final class Database {
    private Database() {}

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setDataDirectory(new File(arguments[0], "data"))
                .setOverrideWorkingDirectory(new File(arguments[0], "binaries"))
                .setServerConfig("max_connections", "100")
                .start()) {
            System.out.println(postgres.getJdbcUrl("postgres", "postgres"));
            while (System.in.read() >= 0) {
                // Whoever started this is still there.
            }
        }
    }
}
