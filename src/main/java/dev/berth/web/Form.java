package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.tenancy.Wall;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A form as it was typed, with what is wrong beside its fields. Shown again, nothing typed is lost. */
public final class Form {
    private final Map<String, List<String>> values = new HashMap<>();
    private final Map<String, String> errors = new LinkedHashMap<>();
    private String problem = "";
    private int status = 200;
    private Wall wall;

    private Form() {}

    static Form empty() {
        return new Form();
    }

    static Form of(MultivaluedMap<String, String> sent) {
        Form form = new Form();
        // Browsers send line ends as CR LF; a script with those would not run.
        sent.forEach((name, list) -> form.values.put(
                name, list.stream().map(text -> text.replace("\r\n", "\n")).toList()));
        return form;
    }

    /** The value that the form starts with. */
    Form with(String name, Object value) {
        values.put(name, List.of(String.valueOf(value)));
        return this;
    }

    Form withAll(String name, List<String> list) {
        values.put(name, list);
        return this;
    }

    /** What was typed, or empty. */
    public String value(String name) {
        List<String> list = values.getOrDefault(name, List.of());
        return list.isEmpty() ? "" : list.get(0);
    }

    public List<String> values(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** Whether this choice was taken. */
    public boolean has(String name, String value) {
        return values(name).contains(value);
    }

    /** A whole number, or -1, which every range of ours refuses. */
    public long number(String name) {
        try {
            return Long.parseLong(value(name).strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    public int integer(String name) {
        long number = number(name);
        return number == (int) number ? (int) number : -1;
    }

    /** What is wrong with this field, or empty. */
    public String error(String name) {
        return errors.getOrDefault(name, "");
    }

    public boolean wrong(String name) {
        return errors.containsKey(name);
    }

    /** What is wrong with the form as a whole, or empty. */
    public String problem() {
        return problem;
    }

    /** Where more of what was missing can be asked for, or empty. */
    public String askUrl() {
        return wall == null || wall.share()
                ? ""
                : "/t/" + wall.tenant() + "/quota/ask?"
                        + QuotaBar.askQuery(wall.resource(), wall.profile(), wall.missing());
    }

    Form refuse(ProblemException e) {
        return refuse(e, name -> name);
    }

    /** @param names what the form calls the fields that the problem names */
    Form refuse(ProblemException e, UnaryOperator<String> names) {
        e.fields().forEach((name, sentence) -> errors.put(names.apply(name), sentence));
        problem = e.getMessage();
        wall = Wall.in(e).orElse(null);
        status = e.kind() == ProblemException.Kind.INVALID
                ? Html.UNPROCESSABLE
                : e.kind().status();
        return this;
    }

    Form refuse(String field, String sentence) {
        return refuse(ProblemException.invalid(field, sentence));
    }

    boolean refused() {
        return status != 200;
    }

    /** What else is wrong, so that a person sees all of it at once. */
    void alsoWrong(Map<String, String> problems) {
        problems.forEach(errors::putIfAbsent);
    }

    /** The status of the page that shows the form again. */
    int status() {
        return status;
    }
}
