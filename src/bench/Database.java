import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;

/** A PostgreSQL of its own in the directory given; prints its JDBC URL and serves until standard input ends. */
final class Database {
    private Database() {}

    /** @param arguments the directory, then settings as {@code name=value} */
    public static void main(String[] arguments) throws Exception {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(new File(arguments[0], "data"))
                .setOverrideWorkingDirectory(new File(arguments[0], "binaries"))
                .setServerConfig("max_connections", "100");
        for (int index = 1; index < arguments.length; index++) {
            String[] setting = arguments[index].split("=", 2);
            builder.setServerConfig(setting[0], setting[1]);
        }
        try (EmbeddedPostgres postgres = builder.start()) {
            System.out.println(postgres.getJdbcUrl("postgres", "postgres"));
            while (System.in.read() >= 0) {
                // Whoever started this is still there.
            }
        }
    }
}
