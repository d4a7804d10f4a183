package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.catalog.Profiles;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.KindField;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the pages of network and storage profiles have in common. */
abstract class ProfilePages {
    /**
     * How one family of profiles is spoken of.
     *
     * @param base the last part of its address
     */
    public record Family(String base, String section, String noun, String title, String intro) {
        public String url() {
            return "/admin/" + base;
        }
    }

    /** A family's profiles and the kinds a new one can be of; the chosen one's fields are shown. */
    public record View(
            Family family, List<Profile> profiles, List<Profiles.Kind> kinds, Profiles.Kind kind, Form form) {}

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance profiles(View view);
    }

    private final Family family;
    private final Chrome chrome;
    private final Profiles<?> profiles;

    ProfilePages(Family family, Chrome chrome, Profiles<?> profiles) {
        this.family = family;
        this.chrome = chrome;
        this.profiles = profiles;
    }

    Response page(String kind, Form form) {
        chrome.admin(family.section());
        List<Profiles.Kind> kinds = profiles.kinds();
        Profiles.Kind chosen = kinds.stream()
                .filter(one -> one.id().equals(kind))
                .findFirst()
                .or(() -> kinds.stream().findFirst())
                .orElse(null);
        return Html.page(form.status(), Templates.profiles(new View(family, profiles.list(), kinds, chosen, form)));
    }

    Response create(Form form) {
        Caller caller = chrome.admin(family.section());
        String kind = form.value("kind");
        Map<String, String> config = new HashMap<>();
        List<String> own = profiles.kinds().stream()
                .filter(one -> one.id().equals(kind))
                .flatMap(one -> one.fields().stream())
                .map(KindField::name)
                .toList();
        own.stream()
                .filter(field -> !form.value("config." + field).isBlank())
                .forEach(
                        field -> config.put(field, form.value("config." + field).strip()));
        try {
            Profile made = profiles.create(
                    caller,
                    form.value("slug").strip(),
                    form.value("name").strip(),
                    form.value("description"),
                    kind,
                    config);
            chrome.say(Flash.done(made.name() + " is there. New revisions of templates can allow it."));
            return Html.seeOther("/admin/" + family.base());
        } catch (ProblemException e) {
            return page(kind, form.refuse(e, field -> own.contains(field) ? "config." + field : field));
        }
    }

    Response retire(String slug) {
        Profile gone = profiles.retire(chrome.admin(family.section()), slug);
        chrome.say(Flash.done(gone.name() + " is retired: no new machine may use it. Those that do keep it."));
        return Html.seeOther("/admin/" + family.base());
    }
}
