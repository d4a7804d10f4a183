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
import dev.berth.machines.StorageSpeeds;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
            "A storage profile is a named use of one kind of disk. Templates say which profiles their machines may"
                    + " use.",
            "disk");

    private final StorageProfiles profiles;
    private final ProfileFigures figures;
    private final Devices devices;
    private final StorageSpeeds speeds;
    private final SpeedWords words;

    StorageProfilePages(
            Parts parts,
            StorageProfiles profiles,
            ProfileFigures figures,
            Devices devices,
            StorageSpeeds speeds,
            SpeedWords words) {
        super(FAMILY, parts, profiles);
        this.profiles = profiles;
        this.figures = figures;
        this.devices = devices;
        this.speeds = speeds;
        this.words = words;
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
                                kind.id(),
                                kind.traits().title(),
                                profiles.fit(kind.id()),
                                words.paceOfKind(kind.id()),
                                words.ofKind(kind.id())))
                        .toList());
    }

    @Override
    List<ProfileSheet.Route> routes(Profile profile, List<ProfileCheck> checks) {
        return List.of();
    }

    @Override
    List<QuotaBar> bars(Profile profile, ProfileFigures.Use use) {
        Set<UUID> one = Set.of(profile.id());
        Map<UUID, Long> promised = figures.promisedGib(one).getOrDefault(profile.id(), Map.of());
        List<QuotaBar> bars = new ArrayList<>();
        for (ProfileCheck check : profiles.checks(profile.id())) {
            StorageSpace.of(check.facts())
                    .map(space -> QuotaBar.ofSpace(
                            "space-" + check.hostName(),
                            "Host " + check.hostName(),
                            space.total(),
                            space.free(),
                            promised.getOrDefault(check.hostId(), 0L) << 30))
                    .ifPresent(bars::add);
        }
        for (Devices.Stock stock : devices.stock(caller(), one).getOrDefault(profile.id(), List.of())) {
            bars.add(QuotaBar.ofDevices(
                    "devices-" + stock.hostName(),
                    "Host " + stock.hostName(),
                    stock.devices(),
                    stock.free(),
                    stock.bytes(),
                    stock.freeBytes()));
        }
        return bars;
    }

    @Override
    Map<UUID, QuotaBar> room(Map<UUID, List<ProfileCheck>> checks) {
        Map<UUID, Map<UUID, Long>> promised = figures.promisedGib(checks.keySet());
        Map<UUID, List<Devices.Stock>> stocks = devices.stock(caller(), checks.keySet());
        Map<UUID, QuotaBar> room = new HashMap<>();
        checks.forEach((id, all) -> {
            List<StorageSpace> spaces = all.stream()
                    .flatMap(check -> StorageSpace.of(check.facts()).stream())
                    .toList();
            List<Devices.Stock> stock = stocks.getOrDefault(id, List.of());
            if (!stock.isEmpty()) {
                room.put(
                        id,
                        QuotaBar.ofDevices(
                                "room-" + id,
                                "",
                                stock.stream().mapToLong(Devices.Stock::devices).sum(),
                                stock.stream().mapToLong(Devices.Stock::free).sum(),
                                stock.stream().mapToLong(Devices.Stock::bytes).sum(),
                                stock.stream()
                                        .mapToLong(Devices.Stock::freeBytes)
                                        .sum()));
            } else if (!spaces.isEmpty()) {
                long gib = promised.getOrDefault(id, Map.of()).values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
                room.put(
                        id,
                        QuotaBar.ofSpace(
                                "room-" + id,
                                "",
                                spaces.stream().mapToLong(StorageSpace::total).sum(),
                                spaces.stream().mapToLong(StorageSpace::free).sum(),
                                gib << 30));
            }
        });
        return room;
    }

    @Override
    List<StorageSpeeds.Speed> speeds(Profile profile) {
        return speeds.of(profile.id());
    }

    @Override
    boolean handsOutDevices(Profile profile) {
        return devices.handedOut(profile);
    }
}
