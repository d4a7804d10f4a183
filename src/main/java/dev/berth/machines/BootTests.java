package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Image;
import dev.berth.catalog.Images;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Size;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.GuestSpeed;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Tries whether a revision makes machines that come up: makes one, waits until its guest has an address, deletes it. The
 * machine is one like others, with a team, its quota and a timeline, so that whatever goes wrong can be looked at.
 */
@ApplicationScoped
public class BootTests {
    private static final int LEASE_HOURS = 2;
    private static final long MEGABYTE = 1_000_000;
    private static final Caller BERTH = Caller.system("boot-test");

    @ApplicationScoped
    static class BootTestRows implements PanacheRepositoryBase<BootTestEntity, UUID> {}

    /**
     * Where and how to try.
     *
     * @param tenant the team that has the machine, and whose quota it takes while it is there
     * @param size null or empty for the smallest; likewise the profiles, for the first that the team may use
     * @param approves approve the revision when its machine has come up
     * @param measures see how fast its disk is inside the guest
     */
    public record Wish(
            String tenant, String size, String network, String storage, boolean approves, boolean measures) {}

    private final BootTestRows rows;
    private final MachineRepository machineRows;
    private final Machines machines;
    private final Templates templates;
    private final Images images;
    private final Tenants tenants;
    private final Quotas quotas;
    private final StorageSpeeds speeds;
    private final BootTestConfig config;
    private final Audit audit;
    private final Clock clock;

    BootTests(
            BootTestRows rows,
            MachineRepository machineRows,
            Machines machines,
            Templates templates,
            Images images,
            Tenants tenants,
            Quotas quotas,
            StorageSpeeds speeds,
            BootTestConfig config,
            Audit audit,
            Clock clock) {
        this.rows = rows;
        this.machineRows = machineRows;
        this.machines = machines;
        this.templates = templates;
        this.images = images;
        this.tenants = tenants;
        this.quotas = quotas;
        this.speeds = speeds;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    /** Newest first; for admins. */
    @Transactional
    public List<BootTest> list(Caller caller, UUID revisionId) {
        caller.requireSeesAll();
        return rows.find("revisionId = ?1 order by begunAt desc", revisionId).page(0, 10).stream()
                .map(BootTestEntity::toBootTest)
                .toList();
    }

    @Transactional
    public BootTest start(Caller caller, String slug, int number, Wish wish) {
        caller.requireAdmin();
        Template template = templates.get(caller, slug);
        Revision revision = template.revisions().stream()
                .filter(one -> one.number() == number)
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("revision"));
        if (revision.state() == RevisionState.RETIRED) {
            throw ProblemException.conflict("wrong-state", "No machines are made from a retired revision any more.");
        }
        revision.boot().files().forEach(file -> {
            if (!trusted(file)) {
                throw ProblemException.conflict(
                        "image-not-ready",
                        "Nothing can be made from %s now. Put that right first.".formatted(file.name()));
            }
        });
        if (rows.count("revisionId = ?1 and state = ?2", revision.id(), BootTest.State.RUNNING) > 0) {
            throw ProblemException.conflict("wrong-state", "A boot test of this revision is under way already.");
        }
        Tenant tenant = wish.tenant() == null || wish.tenant().isBlank()
                ? null
                : tenants.find(caller, wish.tenant()).orElse(null);
        Size size = chosen(
                revision.sizes().stream()
                        .filter(one -> !one.retired())
                        .sorted(Comparator.comparingLong(Size::memoryMib))
                        .toList(),
                wish.size(),
                Size::slug);
        Profile network =
                tenant == null ? null : chosen(usable(revision.networks(), tenant), wish.network(), Profile::slug);
        boolean diskless = revision.boot().diskless();
        Profile storage = tenant == null || diskless
                ? null
                : chosen(usable(revision.storage(), tenant), wish.storage(), Profile::slug);
        new Checks()
                .require("tenant", tenant != null, "Choose the team whose quota the machine takes for a while.")
                .require("size", size != null, "Choose one of the revision's sizes.")
                .require("network", tenant == null || network != null, "Choose a network that the team may use.")
                .require(
                        "storage",
                        diskless || tenant == null || storage != null,
                        "Choose storage that the team may use.")
                .throwIfAny();
        UUID machineId = UUID.randomUUID();
        quotas.reserve(tenant, machineId, null, NewMachine.takes(size, network, storage));
        quotas.settle(machineId);
        Machine machine = machines.create(new NewMachine(
                machineId,
                tenant.id(),
                tenant.slug(),
                caller.userId(),
                caller.username(),
                // Names are unique in a team.
                "boot-test-" + machineId.toString().substring(0, 8),
                revision,
                template.name(),
                size,
                network,
                storage,
                List.of(),
                "",
                LEASE_HOURS,
                null));
        BootTestEntity test = new BootTestEntity();
        test.id = UUID.randomUUID();
        test.revisionId = revision.id();
        test.machineId = machineId;
        test.tenantId = tenant.id();
        test.tenantSlug = tenant.slug();
        test.hostName = machine.hostName();
        test.approves = wish.approves();
        test.measures = wish.measures() && !diskless;
        test.begunBy = caller.userId();
        test.begunName = caller.username();
        test.begunAt = clock.instant();
        rows.persist(test);
        audit.record(
                caller,
                "template.boot-test",
                Audit.Subject.global("template", template.id(), template.slug()),
                Map.of("revision", number, "machine", machineId.toString(), "approves", wish.approves()));
        return test.toBootTest();
    }

    private static List<Profile> usable(List<Profile> profiles, Tenant tenant) {
        return profiles.stream()
                .filter(profile -> profile.usableBy(tenant.id()))
                .toList();
    }

    private static <T> T chosen(List<T> offered, String slug, Function<T, String> slugOf) {
        return offered.stream()
                .filter(one ->
                        slug == null || slug.isBlank() || slugOf.apply(one).equals(slug))
                .findFirst()
                .orElse(null);
    }

    /** The tests under way on this host. */
    @Transactional
    public List<UUID> underWay(String hostName) {
        return rows.find("hostName = ?1 and state = ?2", hostName, BootTest.State.RUNNING).stream()
                .map(test -> test.id)
                .toList();
    }

    /**
     * Ends the test if there is something to say; each time it is called until then, it looks again.
     *
     * @return the machine, if it is up and its disk is to be measured before the test ends
     */
    @Transactional
    public Optional<UUID> look(UUID testId) {
        BootTestEntity test = running(testId);
        Optional<Verdict> verdict = test == null ? Optional.empty() : verdict(test);
        if (verdict.isPresent() && verdict.get().passed() && test.measures) {
            return Optional.of(test.machineId);
        }
        verdict.ifPresent(said -> end(test, said));
        return Optional.empty();
    }

    /** Its guest has found its disk to be so fast: notes that down, and ends the test. */
    @Transactional
    public void measured(UUID testId, GuestSpeed speed) {
        BootTestEntity test = running(testId);
        if (test == null) {
            return;
        }
        MachineEntity machine = machineRows.findById(test.machineId);
        machineRows
                .getEntityManager()
                .createQuery(
                        "select storageProfileId from DiskEntity where machineId = :id and target = :target",
                        UUID.class)
                .setParameter("id", test.machineId)
                .setParameter("target", DiskEntity.SYSTEM_TARGET)
                .getResultStream()
                .findFirst()
                .ifPresent(profile -> speeds.measuredInside(
                        profile,
                        machine.hostId,
                        machine.hostName,
                        templates.slugOf(templates.revision(test.revisionId).templateId()),
                        test.begunName,
                        speed));
        endMeasuring(
                test,
                "Inside it, its disk writes %d MB/s and reads %d MB/s."
                        .formatted(speed.writeBytes() / MEGABYTE, speed.readBytes() / MEGABYTE));
    }

    /** Ends a test whose machine's disk can't be measured. @param problem a sentence */
    @Transactional
    public void notMeasured(UUID testId, String problem) {
        BootTestEntity test = running(testId);
        if (test != null) {
            endMeasuring(test, problem);
        }
    }

    private void endMeasuring(BootTestEntity test, String words) {
        test.measures = false;
        verdict(test)
                .map(verdict -> verdict.passed() ? new Verdict(true, verdict.words() + " " + words) : verdict)
                .ifPresent(verdict -> end(test, verdict));
    }

    private BootTestEntity running(UUID testId) {
        BootTestEntity test = rows.findById(testId, LockModeType.PESSIMISTIC_WRITE);
        return test == null || test.state != BootTest.State.RUNNING ? null : test;
    }

    private record Verdict(boolean passed, String words) {}

    private Optional<Verdict> verdict(BootTestEntity test) {
        MachineEntity machine = machineRows.findById(test.machineId);
        if (machine.goneAt != null || machine.wanted == Wanted.GONE) {
            return Optional.of(new Verdict(false, "Its machine was deleted before it had come up."));
        }
        if (machine.state == MachineState.FAILED) {
            return Optional.of(new Verdict(false, machine.failure));
        }
        String address = machineRows
                .getEntityManager()
                .createQuery("select seenAddress from NicEntity where machineId = :id and position = 0", String.class)
                .setParameter("id", machine.id)
                .getResultStream()
                .findFirst()
                .orElse("");
        long seconds = Duration.between(test.begunAt, clock.instant()).toSeconds();
        if (machine.state == MachineState.RUNNING && !address.isEmpty()) {
            return Optional.of(new Verdict(
                    true,
                    "Its guest was seen at %s on host %s after %d s.".formatted(address, test.hostName, seconds)));
        }
        if (seconds > config.patience().toSeconds()) {
            return Optional.of(new Verdict(
                    false,
                    "Its guest was not seen on the network within %d minutes."
                            .formatted(config.patience().toMinutes())));
        }
        return Optional.empty();
    }

    private void end(BootTestEntity test, Verdict verdict) {
        test.state = verdict.passed() ? BootTest.State.PASSED : BootTest.State.FAILED;
        test.words = verdict.words();
        test.endedAt = clock.instant();
        if (machineRows.findById(test.machineId).goneAt == null) {
            machines.delete(BERTH, test.machineId, true);
        }
        if (verdict.passed() && test.approves) {
            approve(test);
        }
    }

    /** Somebody may have decided on it meanwhile, or its files may have come to grief: then it is left as it is. */
    private void approve(BootTestEntity test) {
        Revision revision = templates.revision(test.revisionId);
        boolean open = revision.state() != RevisionState.APPROVED && revision.state() != RevisionState.RETIRED;
        if (open && revision.boot().files().stream().allMatch(this::trusted)) {
            templates.setState(
                    new Caller(test.begunBy, test.begunName, true, Map.of(), "boot-test"),
                    templates.slugOf(revision.templateId()),
                    revision.number(),
                    RevisionState.APPROVED);
        }
    }

    /** Looked at with the file's row held, so that it stays as it is until the transaction ends. */
    private boolean trusted(Image file) {
        return images.forUse(file.id()).state().trusted();
    }
}
