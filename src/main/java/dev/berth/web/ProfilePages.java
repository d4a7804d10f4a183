package dev.berth.web;

import dev.berth.catalog.Advice;
import dev.berth.catalog.HostInventory;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.Question;
import dev.berth.catalog.TemplateOffers;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Hosts;
import dev.berth.machines.ProfileFigures;
import dev.berth.machines.StorageSpeeds;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The pages of network and storage profiles, for admins. A family's own class says where they are. */
@Authenticated
public abstract class ProfilePages {
    private static final int NAMED_MACHINES = 12;

    /**
     * How one family of profiles is spoken of.
     *
     * @param base the last part of its address
     */
    public record Family(String base, String section, String noun, String title, String intro, String icon) {
        public String url() {
            return "/admin/" + base;
        }
    }

    /** A profile in the list. */
    public record Item(
            Profile profile, List<Tenant> tenants, ProfileSheet.Hosts hosts, long machines, List<QuotaBar> room) {}

    /** The choice of a kind: advice for each, or none when nothing was asked. */
    public record KindChoice(Family family, List<Profiles.Kind> kinds, Form asked, List<Advice> advice) {
        public Advice advice(Profiles.Kind kind) {
            return Advice.of(advice, kind.id());
        }
    }

    /** A form to fill in. @param profile the one that is changed, or null for a new one */
    public record FormView(
            Family family,
            Profile profile,
            Profiles.Kind kind,
            List<ProfileForm.Group> groups,
            List<Tenant> tenants,
            Form form) {
        public String action() {
            return profile == null ? family.url() : family.url() + '/' + profile.slug();
        }

        public String title() {
            return profile == null ? "New " + family.noun() : "Edit " + profile.name();
        }
    }

    /** What these pages ask, whatever the family. */
    @Singleton
    record Parts(
            Chrome chrome,
            Tenants tenants,
            Hosts hosts,
            HostInventory inventory,
            ProfileFigures figures,
            TemplateOffers offers) {}

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance profiles(Family family, List<Item> items);

        static native TemplateInstance profileKinds(KindChoice choice);

        static native TemplateInstance profileForm(FormView view);

        static native TemplateInstance profile(ProfileSheet sheet);

        static native TemplateInstance profile$now(ProfileSheet sheet);
    }

    private final Family family;
    private final Parts parts;
    private final Profiles<?> profiles;

    ProfilePages(Family family, Parts parts, Profiles<?> profiles) {
        this.family = family;
        this.parts = parts;
        this.profiles = profiles;
    }

    /** What the family's advisor asks. */
    abstract List<Question> questions();

    /** What it says of the kinds, by the answers on the form. */
    abstract List<Advice> advise(Form asked);

    /** How much of the profile's ranges is taken. */
    abstract List<QuotaBar> bars(Profile profile, ProfileFigures.Use use);

    /** How full each profile's room is over all hosts, where it has one. @param checks by profile, of all of them */
    Map<UUID, QuotaBar> room(Map<UUID, List<ProfileCheck>> checks) {
        return Map.of();
    }

    Caller caller() {
        return parts.chrome().caller();
    }

    /** The routes that somebody has to add, as far as hosts know where they lead. */
    abstract List<ProfileSheet.Route> routes(Profile profile, List<ProfileCheck> checks);

    /** What was measured of it. */
    List<StorageSpeeds.Speed> speeds(Profile profile) {
        return List.of();
    }

    /** Whether each disk of the profile takes a whole device. */
    boolean handsOutDevices(Profile profile) {
        return false;
    }

    private Caller admin() {
        return parts.chrome().admin(family.section());
    }

    @GET
    public Response list() {
        List<Profile> all = profiles.list(admin());
        List<UUID> ids = all.stream().map(Profile::id).toList();
        Map<UUID, List<ProfileCheck>> checks = profiles.checks(ids);
        Map<UUID, Long> machines = profiles.usedBy(ids);
        Map<UUID, Tenant> tenants = parts.tenants()
                .find(all.stream()
                        .flatMap(profile -> profile.tenants().stream())
                        .distinct()
                        .toList());
        Map<UUID, QuotaBar> room = room(
                ids.stream().collect(Collectors.toMap(Function.identity(), id -> checks.getOrDefault(id, List.of()))));
        return Html.page(Templates.profiles(
                family,
                all.stream()
                        .map(profile -> new Item(
                                profile,
                                ProfileSheet.byName(only(tenants, profile)),
                                ProfileSheet.Hosts.of(checks.getOrDefault(profile.id(), List.of())),
                                machines.getOrDefault(profile.id(), 0L),
                                Optional.ofNullable(room.get(profile.id())).stream()
                                        .toList()))
                        .toList()));
    }

    private static Map<UUID, Tenant> only(Map<UUID, Tenant> tenants, Profile profile) {
        return tenants.entrySet().stream()
                .filter(entry -> profile.tenants().contains(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** First the kind is chosen, with its price in sight; then the form. */
    @GET
    @Path("new")
    public Response fresh(@QueryParam("kind") String id, @Context UriInfo uri) {
        admin();
        return profiles.kind(id)
                .map(kind -> formPage(
                        null, kind, Form.empty().with("kind", kind.id()).with("access", "all")))
                .orElseGet(() -> choicePage(answered(questions(), uri)));
    }

    private Response choicePage(Form asked) {
        return Html.page(Templates.profileKinds(new KindChoice(family, profiles.kinds(), asked, advise(asked))));
    }

    /** The answers that come with a link, {@code ?reach=routed}. */
    static Form answered(List<Question> questions, UriInfo uri) {
        Form form = Form.empty();
        questions.forEach(question ->
                form.with(question.name(), text(uri.getQueryParameters().getFirst(question.name()))));
        return form;
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        Caller caller = admin();
        Form form = Form.of(sent);
        Profiles.Kind kind = profiles.kind(form.value("kind"))
                .orElseThrow(() -> ProblemException.invalid("kind", "Choose one of the kinds."));
        try {
            Profile made = profiles.create(
                    caller,
                    form.value("slug").strip(),
                    kind.id(),
                    ProfileForm.draft(caller, parts.tenants(), kind, form, Map.of()));
            parts.chrome()
                    .say(Flash.done(made.name() + " is there. The hosts are looking whether they can offer it."
                            + " New revisions of templates can allow it."));
            return Html.seeOther(url(made.slug()));
        } catch (ProblemException e) {
            return formPage(null, kind, ProfileForm.refuse(kind, form, e));
        }
    }

    @GET
    @Path("{slug}")
    public Response show(@PathParam("slug") String slug) {
        return Html.page(Templates.profile(sheet(slug)));
    }

    /** The part that changes. */
    @GET
    @Path("{slug}/now")
    public Response now(@PathParam("slug") String slug) {
        return Html.page(Templates.profile$now(sheet(slug)));
    }

    @GET
    @Path("{slug}/edit")
    public Response edit(@PathParam("slug") String slug) {
        Profile profile = profiles.get(admin(), slug);
        return formPage(
                profile,
                kindOf(profile),
                ProfileForm.of(profile, parts.tenants().find(profile.tenants())));
    }

    @POST
    @Path("{slug}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response update(@PathParam("slug") String slug, MultivaluedMap<String, String> sent) {
        Caller caller = admin();
        Form form = Form.of(sent);
        Profile profile = profiles.get(caller, slug);
        Profiles.Kind kind = kindOf(profile);
        try {
            profiles.update(
                    caller,
                    slug,
                    form.number("version"),
                    ProfileForm.draft(caller, parts.tenants(), kind, form, profile.config()));
            parts.chrome().say(Flash.done("The changes are saved."));
            return Html.seeOther(url(slug));
        } catch (ProblemException e) {
            return formPage(profile, kind, ProfileForm.refuse(kind, form, e));
        }
    }

    @POST
    @Path("{slug}/check")
    public Response check(@PathParam("slug") String slug) {
        profiles.check(admin(), slug);
        parts.chrome().say(Flash.done("The hosts are asked. What they say shows up below by itself."));
        return Html.seeOther(url(slug));
    }

    @POST
    @Path("{slug}/retire")
    public Response retire(@PathParam("slug") String slug) {
        Profile gone = profiles.retire(admin(), slug);
        parts.chrome().say(Flash.done(gone.name() + " is retired: no new machine may use it. Those that do keep it."));
        return Html.seeOther(url(slug));
    }

    @POST
    @Path("{slug}/restore")
    public Response restore(@PathParam("slug") String slug) {
        Profile back = profiles.restore(admin(), slug);
        parts.chrome().say(Flash.done(back.name() + " is offered again."));
        return Html.seeOther(url(slug));
    }

    private ProfileSheet sheet(String slug) {
        Caller caller = admin();
        Profile profile = profiles.get(caller, slug);
        List<ProfileCheck> checks = profiles.checks(profile.id());
        ProfileFigures.Use use = parts.figures().of(caller, profile.id(), NAMED_MACHINES);
        return new ProfileSheet(
                family,
                profile,
                ProfileSheet.byName(parts.tenants().find(profile.tenants())),
                ProfileSheet.settings(kindOf(profile), profile.config()),
                ProfileSheet.hosts(parts.hosts().list(), checks),
                routes(profile, checks),
                profiles.usedBy(profile.id()),
                use.machines(),
                bars(profile, use),
                parts.offers().ofProfile(caller, profile.id()),
                handsOutDevices(profile),
                speeds(profile));
    }

    private Response formPage(Profile profile, Profiles.Kind kind, Form form) {
        long machines = profile == null ? 0 : profiles.usedBy(profile.id());
        List<ProfileForm.Group> groups = ProfileForm.groups(kind, machines, parts.inventory());
        groups.stream()
                .flatMap(group -> group.settings().stream())
                .filter(ProfileForm.Setting::isLocked)
                .forEach(setting -> form.with(
                        setting.key(),
                        profile.config().getOrDefault(setting.field().name(), "")));
        return Html.page(
                form.status(),
                Templates.profileForm(new FormView(
                        family,
                        profile,
                        kind,
                        groups,
                        parts.tenants().list(parts.chrome().caller()),
                        form)));
    }

    /** A kind that this build no longer knows has no settings to show. */
    private Profiles.Kind kindOf(Profile profile) {
        return profiles.kind(profile.kind())
                .orElseGet(() -> new Profiles.Kind(profile.kind(), profile.traits(), List.of()));
    }

    private String url(String slug) {
        return family.url() + '/' + slug;
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
