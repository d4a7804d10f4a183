package dev.berth.web;

import dev.berth.common.BerthConfig;
import dev.berth.machines.Lease;
import dev.berth.machines.Leases;
import dev.berth.machines.Machine;
import dev.berth.security.User;
import dev.berth.tenancy.CalendarFeeds;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.annotation.security.PermitAll;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/** When a person's leases end, for calendar programs. Names and dates, nothing else; the token in the address opens it. */
@Path("/calendar")
public class CalendarPages {
    private static final String TYPE = "text/calendar;charset=UTF-8";
    private static final int MOST = 500;

    private final CalendarFeeds feeds;
    private final Tenants tenants;
    private final Leases leases;
    private final URI publicUrl;

    CalendarPages(CalendarFeeds feeds, Tenants tenants, Leases leases, BerthConfig config) {
        this.feeds = feeds;
        this.tenants = tenants;
        this.leases = leases;
        this.publicUrl = config.publicUrl().orElse(null);
    }

    @GET
    @Path("{token}.ics")
    @PermitAll
    @Transactional
    public Response feed(@PathParam("token") String token, @Context UriInfo uri) {
        Optional<User> user = feeds.open(token);
        if (user.isEmpty()) {
            return Response.status(Response.Status.NOT_FOUND)
                    .entity("No calendar has this address. Make a new one on your account's page.\n")
                    .header(HttpHeaders.CONTENT_TYPE, "text/plain;charset=UTF-8")
                    .build();
        }
        return Response.ok(calendar(user.get(), base(uri)))
                .header(HttpHeaders.CONTENT_TYPE, TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "private, no-store")
                .header("Content-Disposition", "inline; filename=\"leases.ics\"")
                .build();
    }

    /** The address of a token's calendar. */
    String address(String token, UriInfo uri) {
        return base(uri) + "/calendar/" + token + ".ics";
    }

    private String calendar(User user, String base) {
        ICalendar calendar = new ICalendar("Berth leases of " + user.username());
        var teams = tenants.of(user).keySet().stream().map(Tenant::id).toList();
        for (Machine machine : teams.isEmpty() ? java.util.List.<Machine>of() : leases.ending(user.id(), teams, MOST)) {
            add(calendar, machine, base);
        }
        return calendar.end();
    }

    private static void add(ICalendar calendar, Machine machine, String base) {
        Lease lease = machine.lease();
        String name = machine.name() + " (team " + machine.tenantSlug() + ")";
        String url = base + "/t/" + machine.tenantSlug() + "/machines/" + machine.id();
        var stamp = lease.since() == null ? machine.createdAt() : lease.since();
        calendar.event(
                uid("lease", machine.id()),
                stamp,
                lease.until(),
                "The lease of " + name + " ends",
                "The machine is stopped then. Extend the lease if you still need it: " + url,
                url);
        if (lease.grace()) {
            calendar.event(
                    uid("deletion", machine.id()),
                    stamp,
                    lease.deleteAt(),
                    name + " is deleted",
                    "Its lease has ended. Keep it if you still need it: " + url,
                    url);
        }
    }

    private static String uid(String what, UUID machine) {
        return what + '-' + machine + "@berth";
    }

    private String base(UriInfo uri) {
        String base = (publicUrl == null ? uri.getBaseUri() : publicUrl).toString();
        return base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    }
}
