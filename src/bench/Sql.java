import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Runs the SQL on standard input; prints the rows of its last query, fields separated by tabs. */
final class Sql {
    private Sql() {}

    /** @param arguments the database's JDBC URL */
    public static void main(String[] arguments) throws Exception {
        String sql = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        try (var connection = DriverManager.getConnection(arguments[0]);
                var statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            while (!rows && statement.getUpdateCount() >= 0) {
                rows = statement.getMoreResults();
            }
            while (rows) {
                print(statement.getResultSet());
                rows = statement.getMoreResults();
            }
        }
    }

    private static void print(java.sql.ResultSet result) throws SQLException {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
            StringBuilder line = new StringBuilder(String.valueOf(result.getString(1)));
            for (int column = 2; column <= columns; column++) {
                line.append('\t').append(result.getString(column));
            }
            System.out.println(line);
        }
    }
}
