package dev.berth.api;

import dev.berth.api.ProfileView.ChangedProfile;
import dev.berth.api.ProfileView.CheckView;
import dev.berth.api.ProfileView.KindView;
import dev.berth.api.ProfileView.NewProfile;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.ProfileDraft;
import dev.berth.catalog.Profiles;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;

/** How the resources of both families of profiles answer. */
final class ProfileAnswers {
    private final String path;
    private final Callers callers;
    private final Profiles<?> profiles;
    private final Tenants tenants;

    /** @param path the family's, below the API's: {@code /network-profiles} */
    ProfileAnswers(String path, Callers callers, Profiles<?> profiles, Tenants tenants) {
        this.path = path;
        this.callers = callers;
        this.profiles = profiles;
        this.tenants = tenants;
    }

    Page<KindView> kinds(Paging paging) {
        callers.current();
        return paging.slice(profiles.kinds(), Profiles.Kind::id).map(KindView::of);
    }

    Page<ProfileView> list(Paging paging) {
        Caller caller = callers.current();
        Page<Profile> page = paging.slice(profiles.list(caller), Profile::slug);
        return new Page<>(views(caller, page.items()), page.next());
    }

    ProfileView get(String slug) {
        Caller caller = callers.current();
        return view(caller, profiles.get(caller, slug));
    }

    RestResponse<ProfileView> create(NewProfile profile) {
        NewProfile body = Answers.body(profile);
        Caller caller = callers.current();
        caller.requireAdmin();
        Profile made = profiles.create(
                caller,
                body.slug(),
                body.kind(),
                draft(caller, body.name(), body.description(), body.config(), body.tenants()));
        return Answers.created(path + '/' + made.slug(), view(caller, made));
    }

    RestResponse<ProfileView> update(String slug, ChangedProfile profile) {
        ChangedProfile body = Answers.body(profile);
        Caller caller = callers.current();
        caller.requireAdmin();
        ProfileDraft draft = draft(caller, body.name(), body.description(), body.config(), body.tenants());
        return RestResponse.ok(view(caller, profiles.update(caller, slug, body.version(), draft)));
    }

    RestResponse<ProfileView> retire(String slug) {
        Caller caller = callers.current();
        return RestResponse.ok(view(caller, profiles.retire(caller, slug)));
    }

    RestResponse<ProfileView> restore(String slug) {
        Caller caller = callers.current();
        return RestResponse.ok(view(caller, profiles.restore(caller, slug)));
    }

    RestResponse<ProfileView> check(String slug) {
        Caller caller = callers.current();
        return Answers.accepted(view(caller, profiles.check(caller, slug)));
    }

    Page<CheckView> checks(String slug, Paging paging) {
        Caller caller = callers.current();
        caller.requireSeesAll();
        List<ProfileCheck> checks = profiles.checks(profiles.get(caller, slug).id());
        return paging.slice(checks, ProfileCheck::hostName).map(CheckView::of);
    }

    private ProfileDraft draft(
            Caller caller, String name, String description, Map<String, String> config, List<String> slugs) {
        return new ProfileDraft(
                name,
                Answers.text(description),
                config == null ? new HashMap<>() : config,
                tenants.ids(caller, "tenants", Answers.list(slugs)));
    }

    private ProfileView view(Caller caller, Profile profile) {
        return views(caller, List.of(profile)).get(0);
    }

    /** A fixed number of queries, however many there are. */
    private List<ProfileView> views(Caller caller, List<Profile> shown) {
        if (!caller.seesAll()) {
            return shown.stream().map(ProfileView::of).toList();
        }
        List<UUID> ids = shown.stream().map(Profile::id).toList();
        Map<UUID, Long> machines = profiles.usedBy(ids);
        Map<UUID, List<ProfileCheck>> checks = profiles.checks(ids);
        Map<UUID, Tenant> named = tenants.find(shown.stream()
                .flatMap(profile -> profile.tenants().stream())
                .distinct()
                .toList());
        return shown.stream()
                .map(profile -> ProfileView.of(
                        profile,
                        profile.tenants().stream()
                                .filter(named::containsKey)
                                .map(id -> named.get(id).slug())
                                .sorted()
                                .toList(),
                        machines.getOrDefault(profile.id(), 0L),
                        checks.getOrDefault(profile.id(), List.of())))
                .toList();
    }
}
