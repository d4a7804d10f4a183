package dev.berth.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** One change that somebody made. */
public record AuditEvent(
        long id,
        Instant at,
        String username,
        String source,
        String tenantSlug,
        String action,
        String subjectType,
        String subjectId,
        String subjectName,
        Map<String, Object> detail) {
    private static final String BEFORE = "before";
    private static final String AFTER = "after";

    /**
     * What one field was and is.
     *
     * @param field empty for a change that has no name, {@code config.cidr} for one inside another
     * @param was empty for nothing
     * @param is empty for nothing
     */
    public record Change(String field, String was, String is) {}

    /** What was before and is now, field by field; empty for an event that changed no fields. */
    public List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        if (detail.containsKey(BEFORE) || detail.containsKey(AFTER)) {
            compare("", detail.get(BEFORE), detail.get(AFTER), changes);
        }
        return changes;
    }

    /** What else is known of it, by name. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new TreeMap<>(detail);
        facts.remove(BEFORE);
        facts.remove(AFTER);
        return facts;
    }

    private static void compare(String field, Object was, Object is, List<Change> changes) {
        if (!(was instanceof Map) && !(is instanceof Map)) {
            String before = text(was);
            String after = text(is);
            if (!before.equals(after)) {
                changes.add(new Change(field, before, after));
            }
            return;
        }
        Map<?, ?> before = was instanceof Map<?, ?> map ? map : Map.of();
        Map<?, ?> after = is instanceof Map<?, ?> map ? map : Map.of();
        TreeSet<String> names = new TreeSet<>();
        before.keySet().forEach(name -> names.add(text(name)));
        after.keySet().forEach(name -> names.add(text(name)));
        names.forEach(name ->
                compare(field.isEmpty() ? name : field + '.' + name, before.get(name), after.get(name), changes));
    }

    private static String text(Object value) {
        if (value instanceof List<?> list) {
            return String.join(", ", list.stream().map(AuditEvent::text).toList());
        }
        return value == null ? "" : value.toString();
    }
}
