package dev.berth.console;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.common.SecretText;
import dev.berth.common.Sha256;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.Scope;
import dev.berth.tenancy.Standing;
import dev.berth.tenancy.Standing.Holder;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tickets for consoles: one login or token, one machine, used once, short-lived. A browser can't send a login header with a
 * WebSocket, and a cookie alone would let any page open one; a ticket is asked for by an ordinary, checked call.
 */
@ApplicationScoped
public class ConsoleTickets {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** Who may see which machine, once its ticket was used. */
    record Admission(Holder holder, Caller caller, Machine machine, ConsoleMode mode) {}

    /** What came with the ticket and proves a person by itself: a browser's login. */
    record Proof(UUID userId, Credential credential) {}

    private final EntityManager em;
    private final Machines machines;
    private final Standing standing;
    private final Audit audit;
    private final ConsoleConfig config;
    private final Clock clock;

    ConsoleTickets(
            EntityManager em, Machines machines, Standing standing, Audit audit, ConsoleConfig config, Clock clock) {
        this.em = em;
        this.machines = machines;
        this.standing = standing;
        this.audit = audit;
        this.config = config;
        this.clock = clock;
    }

    /**
     * @param credential what the ticket is bound to
     * @throws ProblemException not found, or {@code machine-off} when there is no screen to show
     */
    @Transactional
    public Ticket issue(Caller caller, Credential credential, UUID machineId, ConsoleMode mode) {
        Machine machine = machines.get(caller, machineId);
        if (!machine.hasConsole()) {
            throw ProblemException.conflict(
                    "machine-off",
                    "The machine is %s, so it has no screen. Start it and open the console again."
                            .formatted(machine.state().label().toLowerCase(java.util.Locale.ROOT)));
        }
        purge();
        String ticket = SecretText.make();
        Instant expiresAt = clock.instant().plus(config.ticketLife());
        em.createNativeQuery(
                        """
                        insert into console_ticket (digest, machine_id, user_id, expires_at, credential_kind,
                            credential_id, credential_name, scopes, only_tenant_id, mode)
                         values (?, ?, ?, ?, ?, ?, ?, ?, cast(? as uuid), ?)""")
                .setParameter(1, Sha256.hex(ticket))
                .setParameter(2, machineId)
                .setParameter(3, caller.userId())
                .setParameter(4, expiresAt)
                .setParameter(5, credential.kind().name())
                .setParameter(6, credential.id())
                .setParameter(7, credential.name())
                .setParameter(8, credential.scopes().stream().map(Scope::name).collect(Collectors.joining(",")))
                .setParameter(
                        9,
                        credential.tenantId() == null
                                ? null
                                : credential.tenantId().toString())
                .setParameter(10, mode.name())
                .executeUpdate();
        return new Ticket(ticket, ConsoleGateway.PATH + "?ticket=" + ticket, expiresAt);
    }

    /**
     * Uses the ticket up and says what it admits to. Opening is recorded in the audit log.
     *
     * @param proof what came with the same request, or null when nothing did
     * @param source where the call came from
     * @throws ConsoleException when it admits to nothing; the ticket is used up all the same
     */
    Admission redeem(String ticket, Proof proof, String source) {
        if (ticket == null || !SHAPE.matcher(ticket).matches()) {
            throw new ConsoleException(Ending.TICKET);
        }
        // A transaction of its own: whatever is found out next, the ticket stays used.
        Use use = QuarkusTransaction.requiringNew().call(() -> take(ticket));
        if (!use.boundTo(proof)) {
            throw new ConsoleException(Ending.DENIED);
        }
        return QuarkusTransaction.requiringNew().call(() -> {
            Admission admission = admission(use, source);
            Machine machine = admission.machine();
            audit.record(
                    admission.caller(),
                    "console.open",
                    new Audit.Subject(
                            "machine", machine.id(), machine.name(), machine.tenantId(), machine.tenantSlug()),
                    use.mode() == ConsoleMode.VIEW ? Map.of("mode", "view only") : Map.of());
            return admission;
        });
    }

    private record Use(UUID machineId, UUID userId, Credential credential, ConsoleMode mode) {
        /**
         * A browser's ticket is worth something only together with the cookie that it was asked for by. Programs bring
         * nothing besides; a login that comes all the same has to be the same person's.
         */
        boolean boundTo(Proof proof) {
            if (proof == null) {
                return credential.kind() != Credential.Kind.LOGIN;
            }
            boolean same = proof.credential().kind() == credential.kind()
                    && proof.credential().id().equals(credential.id());
            return proof.userId().equals(userId) && (same || credential.kind() != Credential.Kind.LOGIN);
        }
    }

    private Use take(String ticket) {
        List<?> rows = em.createNativeQuery(
                        """
                        delete from console_ticket where digest = ? and expires_at > ?
                         returning machine_id, user_id, credential_kind, credential_id, credential_name, scopes,
                            only_tenant_id, mode""",
                        Object[].class)
                .setParameter(1, Sha256.hex(ticket))
                .setParameter(2, clock.instant())
                .getResultList();
        if (rows.isEmpty()) {
            throw new ConsoleException(Ending.TICKET);
        }
        Object[] row = (Object[]) rows.get(0);
        Set<Scope> scopes = Arrays.stream(((String) row[5]).split(","))
                .filter(scope -> !scope.isEmpty())
                .map(Scope::valueOf)
                .collect(Collectors.toSet());
        Credential credential = new Credential(
                Credential.Kind.valueOf((String) row[2]), (String) row[3], (String) row[4], scopes, (UUID) row[6]);
        return new Use((UUID) row[0], (UUID) row[1], credential, ConsoleMode.valueOf((String) row[7]));
    }

    /**
     * Looks at whether this person may see this machine right now and whether it has a screen.
     *
     * @throws ConsoleException when not
     */
    private Admission admission(Use use, String source) {
        Holder holder = new Holder(use.userId(), use.credential(), source);
        Caller caller = standing.working(List.of(holder)).get(holder);
        if (caller == null) {
            throw new ConsoleException(Ending.DENIED);
        }
        try {
            Machine machine = machines.get(caller, use.machineId());
            if (!machine.hasConsole()) {
                throw new ConsoleException(Ending.OFF);
            }
            return new Admission(holder, caller, machine, use.mode());
        } catch (ProblemException e) {
            throw new ConsoleException(Ending.DENIED, e);
        }
    }

    /**
     * Which of these may go on, by what their people may by now: not those who signed out, were disabled, left the
     * tenant, whose token was revoked, or whose machine is another tenant's or gone. A few queries for all.
     */
    @Transactional
    Set<Admission> stillAllowed(Collection<Admission> admissions) {
        Map<Holder, Caller> callers =
                standing.working(admissions.stream().map(Admission::holder).collect(Collectors.toSet()));
        Map<UUID, Machine> now = machines.find(
                admissions.stream().map(admission -> admission.machine().id()).collect(Collectors.toSet()));
        return admissions.stream()
                .filter(admission -> {
                    Caller caller = callers.get(admission.holder());
                    Machine machine = now.get(admission.machine().id());
                    return caller != null && machine != null && caller.sees(machine.tenantId());
                })
                .collect(Collectors.toSet());
    }

    /** Skips rows that another purge or use has in hand, so that nobody waits. */
    private void purge() {
        em.createNativeQuery(
                        """
                        delete from console_ticket where digest in (
                            select digest from console_ticket where expires_at < ? for update skip locked)""")
                .setParameter(1, clock.instant())
                .executeUpdate();
    }
}
