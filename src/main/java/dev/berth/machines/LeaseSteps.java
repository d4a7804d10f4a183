package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.common.Hours;
import dev.berth.common.Notice;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What is due for a machine's lease: warn, stop at its end, warn once more, delete. A machine is deleted only when its
 * grace time is over by the clock and the last warning is written down for its lease as it stands, and
 * {@link LeaseWatch} has counted since then as long as people are to have, and no longer lease is asked for.
 */
@ApplicationScoped
class LeaseSteps {
    private static final Caller BERTH = Caller.system("leases");
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final MachineRepository repository;
    private final Leases.WarningRepository warnings;
    private final Machines machines;
    private final LeasesConfig config;
    private final Timeline timeline;
    private final Event<Notice> notices;
    private final Audit audit;
    private final Clock clock;

    LeaseSteps(
            MachineRepository repository,
            Leases.WarningRepository warnings,
            Machines machines,
            LeasesConfig config,
            Timeline timeline,
            Event<Notice> notices,
            Audit audit,
            Clock clock) {
        this.repository = repository;
        this.warnings = warnings;
        this.machines = machines;
        this.config = config;
        this.timeline = timeline;
        this.notices = notices;
        this.audit = audit;
        this.clock = clock;
    }

    /** The machines that have to be looked at now. */
    @Transactional
    List<UUID> due() {
        return repository
                .getEntityManager()
                .createQuery(
                        """
                        select id from MachineEntity
                         where goneAt is null and wanted <> :gone and leaseUntil is not null
                           and (leaseNextAt <= :now or (leaseState = :grace and leaseUntil > :now))
                         order by leaseNextAt""",
                        UUID.class)
                .setParameter("gone", Wanted.GONE)
                .setParameter("grace", LeaseState.GRACE)
                .setParameter("now", clock.instant())
                .getResultList();
    }

    @Transactional(Transactional.TxType.MANDATORY)
    void take(UUID id, LeaseWatch.Count count) {
        MachineEntity machine = repository.findById(id, LockModeType.PESSIMISTIC_WRITE);
        if (machine == null || machine.goneAt != null || machine.wanted == Wanted.GONE || machine.leaseUntil == null) {
            return;
        }
        Instant now = clock.instant();
        if (now.isBefore(machine.leaseUntil)) {
            if (machine.leaseState == LeaseState.GRACE) {
                restore(machine);
            }
            warnAhead(machine, now, count);
        } else if (machine.leaseState != LeaseState.GRACE) {
            end(machine, now, count);
        } else {
            see(machine, now, count);
        }
    }

    /** By the clock its lease has not ended after all: somebody had set the clock wrong. */
    private void restore(MachineEntity machine) {
        warnings.delete("machineId", machine.id);
        machine.leaseState = LeaseState.ACTIVE;
        machine.leaseDeleteAt = null;
        timeline.note(machine, Operation.LEASE, "The clock was set back: the lease goes on");
        audit.record(BERTH, "machine.restore-lease", Machines.subject(machine), until(machine));
        tell(
                machine,
                "RESTORED",
                audience(machine, LeaseWarning.ENDED),
                "The lease of %s has not ended after all".formatted(machine.name),
                "Berth's clock was wrong. The lease ends on %s. The machine was stopped; start it if you need it."
                        .formatted(UTC.format(machine.leaseUntil)));
    }

    private void warnAhead(MachineEntity machine, Instant now, LeaseWatch.Count count) {
        Stream.of(LeaseWarning.DAY, LeaseWarning.WEEK)
                .filter(warning -> !now.isBefore(dueAt(machine, warning)))
                .findFirst()
                // A lease that was shorter from the start is no news.
                .filter(warning -> machine.leaseSetAt.isBefore(dueAt(machine, warning)))
                .filter(warning -> sent(machine, warning).isEmpty())
                .ifPresent(warning -> {
                    machine.leaseState = LeaseState.WARNED;
                    warn(
                            machine,
                            warning,
                            count,
                            "The lease of %s ends on %s".formatted(machine.name, UTC.format(machine.leaseUntil)),
                            "It is stopped then, and deleted %s later. Extend the lease if you still need it."
                                    .formatted(Hours.words(
                                            Math.max(1, config.grace().toHours()))));
                });
        machine.leaseNextAt = Stream.of(LeaseWarning.WEEK, LeaseWarning.DAY, LeaseWarning.ENDED)
                .map(warning -> dueAt(machine, warning))
                .filter(now::isBefore)
                .findFirst()
                .orElse(machine.leaseUntil);
    }

    private static Instant dueAt(MachineEntity machine, LeaseWarning warning) {
        return machine.leaseUntil.minus(warning.before());
    }

    private void end(MachineEntity machine, Instant now, LeaseWatch.Count count) {
        machine.leaseState = LeaseState.GRACE;
        machine.leaseDeleteAt = now.plus(config.grace());
        audit.record(BERTH, "machine.end-lease", Machines.subject(machine), until(machine));
        stop(machine);
        warn(
                machine,
                LeaseWarning.ENDED,
                count,
                "The lease of %s has ended".formatted(machine.name),
                "It was stopped. It is deleted on %s with everything on its system disk, unless you keep it."
                        .formatted(UTC.format(machine.leaseDeleteAt)));
        plan(machine, now);
    }

    /** Its lease has ended: warns for the last time, and deletes it when all that is needed for that is so. */
    private void see(MachineEntity machine, Instant now, LeaseWatch.Count count) {
        stop(machine);
        Optional<LeaseWarningEntity> last = sent(machine, LeaseWarning.LAST);
        if (last.isEmpty()) {
            if (!now.isBefore(machine.leaseDeleteAt.minus(config.lastWarning()))) {
                machine.leaseDeleteAt = later(machine.leaseDeleteAt, now.plus(config.lastWarning()));
                warn(
                        machine,
                        LeaseWarning.LAST,
                        count,
                        "%s is about to be deleted".formatted(machine.name),
                        "Its lease ended on %s. It is deleted on %s with everything on its system disk, unless you keep it."
                                .formatted(UTC.format(machine.leaseUntil), UTC.format(machine.leaseDeleteAt)));
            }
        } else if (!now.isBefore(machine.leaseDeleteAt)) {
            if (machine.leaseAsked) {
                machine.leaseDeleteAt = now.plus(config.lastWarning());
                plan(machine, now);
                return;
            }
            Duration told = Duration.ofMillis(count.watchedMs() - last.get().watchedMs);
            if (told.compareTo(config.lastWarning()) >= 0) {
                timeline.note(machine, Operation.LEASE, "The lease has ended and nobody kept the machine");
                machines.delete(BERTH, machine.id);
                return;
            }
            // The clock ran ahead of the time that really passed.
            machine.leaseDeleteAt = now.plus(config.lastWarning()).minus(told);
        }
        plan(machine, now);
    }

    private void stop(MachineEntity machine) {
        if (machine.wanted == Wanted.RUNNING && machine.provisionedAt != null) {
            machines.stop(BERTH, machine.id, false);
        }
    }

    private void plan(MachineEntity machine, Instant now) {
        if (machine.wanted == Wanted.RUNNING) {
            // It is still being made; it is stopped when that is done.
            machine.leaseNextAt = now;
        } else if (sent(machine, LeaseWarning.LAST).isEmpty()) {
            machine.leaseNextAt = machine.leaseDeleteAt.minus(config.lastWarning());
        } else {
            machine.leaseNextAt = machine.leaseDeleteAt;
        }
    }

    private Optional<LeaseWarningEntity> sent(MachineEntity machine, LeaseWarning warning) {
        return warnings.findByIdOptional(new LeaseWarningEntity.Key(machine.id, warning));
    }

    private void warn(MachineEntity machine, LeaseWarning warning, LeaseWatch.Count count, String title, String text) {
        LeaseWarningEntity row = new LeaseWarningEntity();
        row.machineId = machine.id;
        row.warning = warning;
        row.sentAt = clock.instant();
        row.watchedMs = count.watchedMs();
        warnings.persist(row);
        timeline.note(machine, Operation.LEASE, title, text);
        audit.record(BERTH, "machine.warn-lease", Machines.subject(machine), Map.of("what", title));
        tell(machine, warning.name(), audience(machine, warning), title, text);
    }

    private void tell(MachineEntity machine, String what, List<Notice.Audience> audiences, String title, String text) {
        String key = "lease:%s:%s:%s".formatted(machine.id, what, machine.leaseUntil);
        String path = "/t/%s/machines/%s".formatted(machine.tenantSlug, machine.id);
        audiences.forEach(audience -> notices.fire(new Notice(Notice.Topic.LEASE, audience, key, title, text, path)));
    }

    /** Once it comes to stopping and deleting, the owners of the team hear of it as well: people are away. */
    private static List<Notice.Audience> audience(MachineEntity machine, LeaseWarning warning) {
        Notice.Audience person = new Notice.Audience.Person(machine.ownerId);
        return warning.before().isZero()
                ? List.of(person, new Notice.Audience.Owners(machine.tenantId))
                : List.of(person);
    }

    private static Map<String, String> until(MachineEntity machine) {
        return Map.of("until", String.valueOf(machine.leaseUntil), "deleteAt", String.valueOf(machine.leaseDeleteAt));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
