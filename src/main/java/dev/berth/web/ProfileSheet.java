package dev.berth.web;

import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.TemplateOffers;
import dev.berth.fleet.Host;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.network.Routes;
import dev.berth.machines.Machine;
import dev.berth.machines.StorageSpeeds;
import dev.berth.tenancy.Tenant;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a profile's own page shows.
 *
 * @param tenants those that may use it, by name; empty for all
 * @param routes to add on the outer network's router, where the kind needs that
 * @param used how many machines use it
 * @param machines the first of them
 * @param bars how much of its ranges is taken
 * @param devices whether each disk takes a whole device, from a list of its own
 * @param speeds what was measured of its disks, by host
 */
public record ProfileSheet(
        ProfilePages.Family family,
        Profile profile,
        List<Tenant> tenants,
        List<Row> settings,
        List<HostLine> hosts,
        List<Route> routes,
        long used,
        List<Machine> machines,
        List<QuotaBar> bars,
        List<TemplateOffers.Offer> offers,
        boolean devices,
        List<StorageSpeeds.Speed> speeds) {
    /** Whether a host measures just now, or is about to. */
    public boolean measuring() {
        return speeds.stream().anyMatch(StorageSpeeds.Speed::wanted);
    }

    /** A setting that was made. */
    public record Row(String label, String value) {}

    /**
     * What one host says of the profile.
     *
     * @param answer {@code yes}, {@code no} or {@code unknown}
     * @param away why the host does not answer now, or empty
     * @param checkedAt null when it was never asked
     */
    public record HostLine(
            String host, String answer, List<String> problems, List<String> advice, String away, Instant checkedAt) {
        static HostLine of(Host host, ProfileCheck check) {
            return check == null
                    ? new HostLine(host.name(), "unknown", List.of(), List.of(), host.problem(), null)
                    : new HostLine(
                            host.name(),
                            check.good() ? "yes" : "no",
                            check.problems(),
                            check.advice(),
                            host.problem(),
                            check.checkedAt());
        }
    }

    /**
     * The route that somebody has to add for a host's part of the network.
     *
     * @param state one of {@link Routes#ROUTE}'s values
     */
    public record Route(String host, String state, List<Routes.Line> lines) {
        static Route of(String cidr, ProfileCheck check) {
            return new Route(
                    check.hostName(),
                    check.facts().getOrDefault(Routes.ROUTE, Routes.UNKNOWN),
                    Routes.lines(cidr, check.facts().get(Routes.NEXT_HOP)));
        }

        public String words() {
            return switch (state) {
                case Routes.THERE -> "It is there";
                case Routes.MISSING -> "It is missing";
                default -> "Nobody knows yet";
            };
        }
    }

    /** {@code 3 of 4 hosts}, and which can't. */
    public record Hosts(String words, String level, String without) {
        static Hosts of(List<ProfileCheck> checks) {
            if (checks.isEmpty()) {
                return new Hosts("Not checked yet", "ok", "");
            }
            long good = checks.stream().filter(ProfileCheck::good).count();
            String without = checks.stream()
                    .filter(check -> !check.good())
                    .map(ProfileCheck::hostName)
                    .collect(Collectors.joining(", "));
            return new Hosts(
                    good + " of " + checks.size() + (checks.size() == 1 ? " host" : " hosts"),
                    good == checks.size() ? "ok" : good == 0 ? "over" : "tight",
                    without);
        }
    }

    /** How many machines use it beyond those that are named. */
    public long more() {
        return used - machines.size();
    }

    static List<Row> settings(Profiles.Kind kind, Map<String, String> config) {
        return kind.fields().stream()
                .map(field -> new Row(field.label(), meaning(field, config)))
                .filter(row -> !row.value().isEmpty())
                .toList();
    }

    private static String meaning(KindField field, Map<String, String> config) {
        return field.meaning(config.get(field.name()));
    }

    static List<HostLine> hosts(List<Host> hosts, List<ProfileCheck> checks) {
        Map<UUID, ProfileCheck> byHost =
                checks.stream().collect(Collectors.toMap(ProfileCheck::hostId, Function.identity()));
        return hosts.stream()
                .map(host -> HostLine.of(host, byHost.get(host.id())))
                .toList();
    }

    static List<Tenant> byName(Map<UUID, Tenant> tenants) {
        return tenants.values().stream()
                .sorted(Comparator.comparing(Tenant::name).thenComparing(Tenant::slug))
                .toList();
    }
}
