package dev.berth.web;

import dev.berth.catalog.HostInventory;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileDraft;
import dev.berth.catalog.Profiles;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.KindField;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The form of a profile: how a profile fills it, and what a filled-in one says. */
final class ProfileForm {
    private static final String PREFIX = "config.";
    private static final String SOME = "some";

    /**
     * One setting in the form.
     *
     * @param locked why it can't be changed, or empty
     * @param choices what hosts have that it may name
     */
    public record Setting(KindField field, String locked, List<HostInventory.Choice> choices) {
        public String key() {
            return PREFIX + field.name();
        }

        public String caption() {
            return field.required() || !field.options().isEmpty() ? field.label() : field.label() + " (optional)";
        }

        public boolean choice() {
            return !field.options().isEmpty();
        }

        public boolean isLocked() {
            return !locked.isEmpty();
        }
    }

    /** Settings that belong together; the first group has no title and is the essential one. */
    public record Group(String title, List<Setting> settings) {
        /** Whether something in it is not as it usually is, or is wrong. */
        public boolean touched(Form form) {
            return settings.stream()
                    .anyMatch(setting -> form.wrong(setting.key())
                            || !setting.field()
                                    .meaning(form.value(setting.key()))
                                    .equals(setting.field().meaning("")));
        }
    }

    private ProfileForm() {}

    /** @param machines how many use the profile already */
    static List<Group> groups(Profiles.Kind kind, long machines, HostInventory inventory) {
        String why = machines == 0
                ? ""
                : "It stays as it is while " + (machines == 1 ? "a machine uses" : machines + " machines use")
                        + " the profile.";
        List<Group> groups = new ArrayList<>(List.of(new Group("", new ArrayList<>())));
        for (KindField field : kind.fields()) {
            Group group = groups.stream()
                    .filter(one -> one.title().equals(field.group()))
                    .findFirst()
                    .orElse(null);
            if (group == null) {
                group = new Group(field.group(), new ArrayList<>());
                groups.add(group);
            }
            group.settings().add(new Setting(field, field.fixed() ? why : "", inventory.choices(field.offer())));
        }
        return groups;
    }

    /** What the form starts with when a profile is changed. */
    static Form of(Profile profile, Map<UUID, Tenant> tenants) {
        Form form = Form.empty()
                .with("name", profile.name())
                .with("description", profile.description())
                .with("version", profile.version())
                .with("access", profile.tenants().isEmpty() ? "all" : SOME)
                .withAll("tenants", tenants.values().stream().map(Tenant::slug).toList());
        profile.config().forEach((name, value) -> form.with(PREFIX + name, value));
        return form;
    }

    /** @param was the settings before: a field that is locked is not sent at all */
    static ProfileDraft draft(Caller caller, Tenants tenants, Profiles.Kind kind, Form form, Map<String, String> was) {
        Map<String, String> config = new HashMap<>();
        for (KindField field : kind.fields()) {
            List<String> sent = form.values(PREFIX + field.name());
            config.put(field.name(), sent.isEmpty() ? was.get(field.name()) : sent.get(0));
        }
        return new ProfileDraft(
                form.value("name").strip(), form.value("description"), config, access(caller, tenants, form));
    }

    /** "Only these" and none of them would be everybody: nobody means that. */
    private static Set<UUID> access(Caller caller, Tenants tenants, Form form) {
        if (!form.has("access", SOME)) {
            return Set.of();
        }
        if (form.values("tenants").isEmpty()) {
            throw ProblemException.invalid("tenants", "Tick at least one team, or let all teams use it.");
        }
        return tenants.ids(caller, "tenants", form.values("tenants"));
    }

    static Form refuse(Profiles.Kind kind, Form form, ProblemException e) {
        return form.refuse(
                e,
                field -> kind != null
                                && kind.fields().stream()
                                        .anyMatch(one -> one.name().equals(field))
                        ? PREFIX + field
                        : field);
    }
}
