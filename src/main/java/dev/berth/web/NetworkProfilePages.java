package dev.berth.web;

import dev.berth.catalog.Advice;
import dev.berth.catalog.NetworkAdvisor;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.Question;
import dev.berth.hypervisor.network.Routes;
import dev.berth.machines.ProfileFigures;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Path;
import java.util.ArrayList;
import java.util.List;

/** Network profiles, for admins. */
@Path("/admin/networks")
@Authenticated
public class NetworkProfilePages extends ProfilePages {
    private static final Family FAMILY = new Family(
            "networks",
            "networks-admin",
            "network profile",
            "Network profiles",
            "A network profile is a named use of one kind of network. Templates say which profiles their machines may use.",
            "network");

    private final NetworkProfiles profiles;

    NetworkProfilePages(Parts parts, NetworkProfiles profiles) {
        super(FAMILY, parts, profiles);
        this.profiles = profiles;
    }

    @Override
    List<Question> questions() {
        return NetworkAdvisor.QUESTIONS;
    }

    @Override
    List<Advice> advise(Form asked) {
        return NetworkAdvisor.advise(
                NetworkAdvisor.Needs.of(asked.value("reach"), asked.value("team"), asked.value("speed")),
                profiles.kinds().stream()
                        .map(kind -> new NetworkAdvisor.Candidate(
                                kind.id(), kind.traits().title(), profiles.fit(kind.id())))
                        .toList());
    }

    @Override
    List<ProfileSheet.Route> routes(Profile profile, List<ProfileCheck> checks) {
        return profiles.ownNet(profile).stream()
                .flatMap(net -> checks.stream()
                        .filter(check -> check.facts().containsKey(Routes.NEXT_HOP))
                        .map(check -> ProfileSheet.Route.of(net.toString(), check)))
                .toList();
    }

    @Override
    List<QuotaBar> bars(Profile profile, ProfileFigures.Use use) {
        List<QuotaBar> bars = new ArrayList<>();
        int addresses = profiles.addresses(profile).size();
        if (addresses > 0) {
            bars.add(QuotaBar.ofRange("addresses", "IP addresses", use.addresses(), addresses));
        }
        profiles.macs(profile)
                .ifPresent(range -> bars.add(QuotaBar.ofRange("macs", "MAC addresses", use.cards(), range.size())));
        return bars;
    }
}
