package dev.berth.console;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.common.Sha256;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import dev.berth.security.Users;
import dev.berth.tenancy.Tenants;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Tickets for consoles: one user, one machine, used once, short-lived. A browser can't send a login header with a
 * WebSocket, and a cookie alone would let any page open one; a ticket is asked for by an ordinary, checked call.
 */
@ApplicationScoped
public class ConsoleTickets {
    private static final int BYTES = 32;
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** Who may see which machine, once its ticket was used. */
    record Admission(Caller caller, Machine machine) {}

    private final EntityManager em;
    private final Machines machines;
    private final Users users;
    private final Tenants tenants;
    private final Audit audit;
    private final ConsoleConfig config;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    ConsoleTickets(
            EntityManager em,
            Machines machines,
            Users users,
            Tenants tenants,
            Audit audit,
            ConsoleConfig config,
            Clock clock) {
        this.em = em;
        this.machines = machines;
        this.users = users;
        this.tenants = tenants;
        this.audit = audit;
        this.config = config;
        this.clock = clock;
    }

    /** @throws ProblemException not found, or {@code machine-off} when there is no screen to show */
    @Transactional
    public Ticket issue(Caller caller, UUID machineId) {
        Machine machine = machines.get(caller, machineId);
        if (!machine.hasConsole()) {
            throw ProblemException.conflict(
                    "machine-off",
                    "The machine is %s, so it has no screen. Start it and open the console again."
                            .formatted(machine.state().label().toLowerCase(java.util.Locale.ROOT)));
        }
        purge();
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant expiresAt = clock.instant().plus(config.ticketLife());
        em.createNativeQuery("insert into console_ticket (digest, machine_id, user_id, expires_at) values (?, ?, ?, ?)")
                .setParameter(1, Sha256.hex(ticket))
                .setParameter(2, machineId)
                .setParameter(3, caller.userId())
                .setParameter(4, expiresAt)
                .executeUpdate();
        return new Ticket(ticket, ConsoleGateway.PATH + "?ticket=" + ticket, expiresAt);
    }

    /**
     * Uses the ticket up and says what it admits to. Opening is recorded in the audit log.
     *
     * @param signedIn the user whose login came with the same request, or null when none did
     * @param source where the call came from
     * @throws ConsoleException when it admits to nothing; the ticket is used up all the same
     */
    Admission redeem(String ticket, String signedIn, String source) {
        if (ticket == null || !SHAPE.matcher(ticket).matches()) {
            throw new ConsoleException(Ending.TICKET);
        }
        // A transaction of its own: whatever is found out next, the ticket stays used.
        Use use = QuarkusTransaction.requiringNew().call(() -> take(ticket));
        if (signedIn != null && !signedIn.equals(use.username())) {
            throw new ConsoleException(Ending.DENIED);
        }
        return QuarkusTransaction.requiringNew().call(() -> {
            Admission admission = admission(use.username(), use.machineId(), source);
            Machine machine = admission.machine();
            audit.record(
                    admission.caller(),
                    "console.open",
                    new Audit.Subject(
                            "machine", machine.id(), machine.name(), machine.tenantId(), machine.tenantSlug()),
                    Map.of());
            return admission;
        });
    }

    private record Use(UUID machineId, String username) {}

    private Use take(String ticket) {
        List<?> rows = em.createNativeQuery(
                        "delete from console_ticket where digest = ? and expires_at > ? returning machine_id, user_id",
                        Object[].class)
                .setParameter(1, Sha256.hex(ticket))
                .setParameter(2, clock.instant())
                .getResultList();
        if (rows.isEmpty()) {
            throw new ConsoleException(Ending.TICKET);
        }
        Object[] row = (Object[]) rows.get(0);
        String username = users.byId((UUID) row[1])
                .orElseThrow(() -> new ConsoleException(Ending.DENIED))
                .username();
        return new Use((UUID) row[0], username);
    }

    /**
     * Looks at whether this user may see this machine right now and whether it has a screen.
     *
     * @throws ConsoleException when not
     */
    Admission admission(String username, UUID machineId, String source) {
        try {
            Caller caller = tenants.caller(username, source);
            Machine machine = machines.get(caller, machineId);
            if (!machine.hasConsole()) {
                throw new ConsoleException(Ending.OFF);
            }
            return new Admission(caller, machine);
        } catch (ProblemException e) {
            throw new ConsoleException(Ending.DENIED, e);
        }
    }

    /** Whether the caller may still see the machine; its rights are looked up anew. */
    boolean stillAllowed(Caller caller, UUID machineId) {
        try {
            machines.get(tenants.caller(caller.username(), caller.source()), machineId);
            return true;
        } catch (ProblemException e) {
            return false;
        }
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
