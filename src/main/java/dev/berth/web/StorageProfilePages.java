package dev.berth.web;

import dev.berth.catalog.Advice;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.Question;
import dev.berth.catalog.StorageAdvisor;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.disk.StorageSpace;
import dev.berth.machines.Devices;
import dev.berth.machines.ProfileFigures;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Storage profiles, for admins. */
@Path("/admin/storage")
@Authenticated
public class StorageProfilePages extends ProfilePages {
    private static final Family FAMILY = new Family(
            "storage",
            "storage",
            "storage profile",
            "Storage profiles",
            "A storage profile is a named use of one kind of disk. Templates say which profiles their machines may use.",
            "disk");

    private final StorageProfiles profiles;
    private final ProfileFigures figures;
    private final Devices devices;

    StorageProfilePages(Parts parts, StorageProfiles profiles, ProfileFigures figures, Devices devices) {
        super(FAMILY, parts, profiles);
        this.profiles = profiles;
        this.figures = figures;
        this.devices = devices;
    }

    @Override
    List<Question> questions() {
        return StorageAdvisor.QUESTIONS;
    }

    @Override
    List<Advice> advise(Form asked) {
        return StorageAdvisor.advise(
                StorageAdvisor.Needs.of(asked.value("states"), asked.value("pace"), asked.value("outside")),
                profiles.kinds().stream()
                        .map(kind -> new StorageAdvisor.Candidate(
                                kind.id(), kind.traits().title(), profiles.fit(kind.id())))
                        .toList());
    }

    @Override
    List<ProfileSheet.Route> routes(Profile profile, List<ProfileCheck> checks) {
        return List.of();
    }

    @Override
    List<QuotaBar> bars(Profile profile, ProfileFigures.Use use) {
        Map<UUID, Long> promised = figures.promisedGib(profile.id());
        return profiles.checks(profile.id()).stream()
                .flatMap(check -> StorageSpace.of(check.facts())
                        .map(space -> QuotaBar.ofSpace(
                                check.hostName(),
                                space.total(),
                                space.free(),
                                promised.getOrDefault(check.hostId(), 0L) << 30))
                        .stream())
                .toList();
    }

    @Override
    boolean handsOutDevices(Profile profile) {
        return devices.handedOut(profile);
    }
}
