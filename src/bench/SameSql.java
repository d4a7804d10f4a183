import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns what PostgreSQL logged of two like transactions into a script for pgbench: what differs between the two, ids and
 * the name, is made anew each time; all else stays as it is.
 */
final class SameSql {
    private static final Pattern ENTRY = Pattern.compile("(?m)^@@(\\d+)@@(LOG|DETAIL):  ");
    private static final Pattern EXECUTE = Pattern.compile("(?s)(?:execute [^:]+|statement): (.*)");
    private static final Pattern PARAMETER = Pattern.compile("\\$(\\d+) = (NULL|'(?:[^']|'')*')");
    private static final Pattern UUID =
            Pattern.compile("'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'");

    private record Statement(String sql, Map<Integer, String> parameters) {}

    private SameSql() {}

    /** @param arguments the log, and the names that the two requests had */
    public static void main(String[] arguments) throws IOException {
        String log = Files.readString(Path.of(arguments[0]), StandardCharsets.UTF_8);
        List<Statement> one = between(log, arguments[1]);
        List<Statement> other = between(log, arguments[2]);
        if (one.size() != other.size()) {
            throw new IllegalStateException("Not alike: " + one.size() + " and " + other.size() + " statements.");
        }
        Map<String, String> fresh = new LinkedHashMap<>();
        StringBuilder script = new StringBuilder();
        for (int index = 0; index < one.size(); index++) {
            script.append(text(one.get(index), other.get(index), arguments[1], fresh)).append(";\n");
        }
        System.out.print("select 'p' || replace(cast(gen_random_uuid() as text), '-', '') as fresh_name");
        fresh.values().forEach(name -> System.out.print(", gen_random_uuid() as " + name.substring(1)));
        System.out.println(" \\gset");
        System.out.print(script);
        System.err.println(one.size() + " statements, " + fresh.size() + " new ids");
    }

    private static List<Statement> between(String log, String mark) {
        int begin = log.indexOf("'begin " + mark + "'");
        int end = log.indexOf("'end " + mark + "'");
        List<Statement> found = new ArrayList<>();
        Matcher entry = ENTRY.matcher(log);
        String last = "";
        for (boolean more = entry.find(begin); more && entry.start() < end; ) {
            String process = entry.group(1);
            boolean detail = entry.group(2).equals("DETAIL");
            int from = entry.end();
            more = entry.find();
            String text = log.substring(from, more ? entry.start() : end).strip();
            if (detail && process.equals(last)) {
                Matcher parameter = PARAMETER.matcher(text);
                while (parameter.find()) {
                    found.get(found.size() - 1)
                            .parameters()
                            .put(Integer.parseInt(parameter.group(1)), parameter.group(2));
                }
                continue;
            }
            Matcher execute = EXECUTE.matcher(text);
            last = "";
            if (execute.matches() && !execute.group(1).contains("'end " + mark + "'")) {
                found.add(new Statement(execute.group(1), new TreeMap<>()));
                last = process;
            }
        }
        return found;
    }

    private static String text(Statement one, Statement other, String name, Map<String, String> fresh) {
        if (!one.sql().equals(other.sql())) {
            throw new IllegalStateException("Not alike:\n" + one.sql() + "\n" + other.sql());
        }
        Matcher place = Pattern.compile("\\$(\\d+)").matcher(one.sql());
        return place.replaceAll(match -> {
                    int number = Integer.parseInt(match.group(1));
                    String value = one.parameters().getOrDefault(number, "NULL");
                    if (!value.equals(other.parameters().get(number))) {
                        if (UUID.matcher(value).matches()) {
                            value = fresh.computeIfAbsent(value, id -> ":fresh_" + fresh.size());
                        } else if (value.equals("'" + name + "'")) {
                            value = ":fresh_name";
                        }
                    }
                    // To pgbench a colon begins a variable, also within quotes.
                    boolean colon = value.startsWith("'") && value.contains(":");
                    return Matcher.quoteReplacement(
                            colon ? "E" + value.replace("\\", "\\\\").replace(":", "\\072") : value);
                })
                .replaceAll("\\s+", " ");
    }
}
