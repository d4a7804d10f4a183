package dev.berth.web;

import dev.berth.catalog.NetworkAdvisor;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.StorageProfiles;
import dev.berth.machines.Devices;
import dev.berth.machines.ProfileFigures;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Path;
import java.util.List;

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

    private final Devices devices;

    StorageProfilePages(Parts parts, StorageProfiles profiles, Devices devices) {
        super(FAMILY, parts, profiles);
        this.devices = devices;
    }

    @Override
    List<NetworkAdvisor.Advice> advise(NetworkAdvisor.Needs needs) {
        return List.of();
    }

    @Override
    List<ProfileSheet.Route> routes(Profile profile, List<ProfileCheck> checks) {
        return List.of();
    }

    @Override
    List<QuotaBar> bars(Profile profile, ProfileFigures.Use use) {
        return List.of();
    }

    @Override
    boolean handsOutDevices(Profile profile) {
        return devices.handedOut(profile);
    }
}
