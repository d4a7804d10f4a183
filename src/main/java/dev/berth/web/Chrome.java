package dev.berth.web;

import dev.berth.common.BerthConfig;
import dev.berth.common.Cursor;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.notices.Notices;
import dev.berth.requests.Requests;
import dev.berth.security.AuthConfig;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Named;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The frame around a page: who is signed in, which tenant and section it belongs to, the theme, the flash message. */
@Named("chrome")
@RequestScoped
public class Chrome {
    private static final String THEME = "berth_theme";
    private static final String TENANT = "berth_tenant";
    private static final String FLASH = "berth_flash";
    private static final int IN_SWITCH = 20;
    private static final long YEAR_SECONDS = 365L * 24 * 3600;

    private final Callers callers;
    private final SecurityIdentity identity;
    private final Tenants tenants;
    private final Machines machines;
    private final Requests requests;
    private final Notices notices;
    private final CurrentVertxRequest request;
    private final BerthConfig config;
    private final AuthConfig auth;
    private final Assets assets;
    private Page<Tenant> mine;
    private Tenant tenant;
    private String section = "";
    private boolean entered;
    private boolean overseen;
    private long pending = -1;
    private int unread = -1;

    Chrome(
            Callers callers,
            SecurityIdentity identity,
            Tenants tenants,
            Machines machines,
            Requests requests,
            Notices notices,
            CurrentVertxRequest request,
            BerthConfig config,
            AuthConfig auth,
            Assets assets) {
        this.callers = callers;
        this.identity = identity;
        this.tenants = tenants;
        this.machines = machines;
        this.requests = requests;
        this.notices = notices;
        this.request = request;
        this.config = config;
        this.auth = auth;
        this.assets = assets;
    }

    /**
     * The page belongs to this tenant and section.
     *
     * @throws dev.berth.common.ProblemException not found when the caller does not belong to it
     */
    public Tenant enter(String slug, String inSection) {
        tenant = callers.tenant(slug);
        entered = true;
        section = inSection;
        if (!slug.equals(cookie(TENANT))) {
            remember(TENANT, slug, YEAR_SECONDS);
        }
        return tenant;
    }

    /**
     * The page belongs to this tenant's machine.
     *
     * @throws dev.berth.common.ProblemException not found when it is another tenant's, whoever asks
     */
    public Machine machine(String slug, UUID id) {
        Tenant entered = enter(slug, "machines");
        Machine machine = machines.get(caller(), id);
        if (!machine.tenantId().equals(entered.id())) {
            throw ProblemException.notFound("machine");
        }
        return machine;
    }

    /** The page is for admins; and for auditors, as long as they only read. */
    public Caller admin(String inSection) {
        caller().requireSeesAll();
        section = inSection;
        overseen = true;
        return caller();
    }

    /** The page is for those who answer requests: admins, and owners of a team; auditors look on. */
    public Caller decider(String inSection) {
        if (!decides() && !seesAll()) {
            throw ProblemException.forbidden("Only an admin or an owner of a team answers requests.");
        }
        section = inSection;
        return caller();
    }

    /** The page belongs to the person who is signed in. */
    public Caller personal(String inSection) {
        section = inSection;
        return caller();
    }

    public Caller caller() {
        return callers.current();
    }

    public boolean signedIn() {
        return !identity.isAnonymous();
    }

    public boolean admin() {
        return signedIn() && caller().admin();
    }

    /** Whether nothing is kept from the person: an admin, or an auditor who reads. */
    public boolean seesAll() {
        return signedIn() && caller().seesAll();
    }

    /** Whether an auditor looks at what is not theirs to change: the page is shown without its forms. */
    public boolean looksOn() {
        return signedIn()
                && caller().auditor()
                && !caller().admin()
                && (overseen || entered && !caller().tenants().containsKey(tenant.id()));
    }

    /** The tenants in the switch: the first few of them. */
    public List<Tenant> tenants() {
        return some().items();
    }

    /** Whether there are more than the switch shows. */
    public boolean moreTenants() {
        return some().next() != null;
    }

    private Page<Tenant> some() {
        if (mine == null) {
            if (!signedIn()) {
                mine = new Page<>(List.of(), null);
            } else if (seesAll()) {
                mine = tenants.list(caller(), null, IN_SWITCH, null);
            } else {
                mine = Page.of(
                        callers.tenants(),
                        IN_SWITCH,
                        last -> new Cursor(last.slug(), last.id().toString()));
            }
        }
        return mine;
    }

    /** The tenant whose pages the side bar leads to: this page's, the one last visited, or the first. Null for none. */
    public Tenant tenant() {
        if (tenant == null && signedIn()) {
            tenant = Optional.ofNullable(cookie(TENANT))
                    .flatMap(slug -> tenants.find(caller(), slug))
                    .or(() -> tenants().stream()
                            .filter(one -> caller().tenants().containsKey(one.id()))
                            .findFirst())
                    .or(() -> tenants().stream().findFirst())
                    .orElse(null);
        }
        return tenant;
    }

    /** Whether the person sees what owners see of the team of {@link #tenant}. */
    public boolean ownsTenant() {
        return tenant() != null && (seesAll() || caller().tenants().get(tenant().id()) == TenantRole.OWNER);
    }

    public String section() {
        return section;
    }

    /** For {@code aria-current}. */
    public String current(String candidate) {
        return section.equals(candidate) ? "page" : "false";
    }

    /** Whether requests may wait for whoever is signed in. */
    public boolean decides() {
        return admin() || signedIn() && caller().tenants().containsValue(TenantRole.OWNER);
    }

    /** How many requests wait for whoever is signed in. */
    public long pending() {
        if (pending < 0) {
            pending = decides() ? requests.waiting(caller()) : 0;
        }
        return pending;
    }

    /** How many notices the person has not read. */
    public int unread() {
        if (unread < 0) {
            unread = signedIn() ? notices.unread(caller()) : 0;
        }
        return unread;
    }

    /** {@code light}, {@code dark} or {@code auto}. */
    public String theme() {
        String theme = cookie(THEME);
        return "light".equals(theme) || "dark".equals(theme) ? theme : "auto";
    }

    void rememberTheme(String theme) {
        remember(THEME, "light".equals(theme) || "dark".equals(theme) ? theme : "auto", YEAR_SECONDS);
    }

    /** Leaves a message for the next page, after a redirect. */
    void say(Flash flash) {
        remember(FLASH, flash.encoded(), 60);
    }

    /** The message that the page before left, once. Null for none. */
    public Flash flash() {
        Flash flash = Flash.decode(cookie(FLASH));
        if (flash != null) {
            remember(FLASH, "", 0);
        }
        return flash;
    }

    /** Path and query of the page that the browser shows, for forms that come back to it. */
    public String here() {
        RoutingContext context = request.getCurrent();
        if (context == null) {
            return "/";
        }
        String shown = context.request().getHeader("HX-Current-URL");
        if (shown == null) {
            return context.request().uri();
        }
        try {
            URI uri = new URI(shown);
            return uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + '?' + uri.getRawQuery();
        } catch (URISyntaxException e) {
            return "/";
        }
    }

    /** Whether people sign in with accounts of Berth's own. */
    public boolean local() {
        return auth.mode() == AuthConfig.Mode.LOCAL;
    }

    public boolean demo() {
        return config.demo();
    }

    /** Changes with every change of our stylesheet and scripts, so that browsers may keep them for long. */
    public String version() {
        return assets.version();
    }

    private String cookie(String name) {
        RoutingContext context = request.getCurrent();
        Cookie cookie = context == null ? null : context.request().getCookie(name);
        return cookie == null ? null : cookie.getValue();
    }

    private void remember(String name, String value, long seconds) {
        RoutingContext context = request.getCurrent();
        if (context != null) {
            context.response()
                    .addCookie(Cookie.cookie(name, value)
                            .setPath("/")
                            .setHttpOnly(true)
                            .setSecure(context.request().isSSL())
                            .setSameSite(CookieSameSite.LAX)
                            .setMaxAge(seconds));
        }
    }
}
