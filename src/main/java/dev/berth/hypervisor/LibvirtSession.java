package dev.berth.hypervisor;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.libvirt.LibvirtException;

/**
 * The connections to one host that stand and fall together: one that brings events, and a few that carry one call each
 * at a time. libvirt's client can do several calls on one connection, but crashes the whole program when such a
 * connection is lost (seen with 9.0.0), and libvirtd stops reading from a client with five calls under way, even its
 * keepalives.
 */
final class LibvirtSession {
    private static final int CALLS_AT_ONCE = 4;

    private final List<LibvirtConnection> connections = new ArrayList<>();
    private final BlockingQueue<LibvirtConnection> idle = new LinkedBlockingQueue<>();
    private final CountDownLatch lost = new CountDownLatch(1);
    private HostFacts facts;

    /** Looks at a host before it is used. */
    interface FactsReader {
        HostFacts read(LibvirtConnection connection) throws LibvirtException;
    }

    private LibvirtSession() {}

    /** Blocks until libvirtd answers, which a stopped one never does. */
    static LibvirtSession open(String uri, FactsReader factsReader, Consumer<UUID> domainChanged)
            throws LibvirtException, LibvirtFailure {
        LibvirtSession session = new LibvirtSession();
        try {
            LibvirtConnection watching = session.connect(uri);
            watching.subscribe(new LibvirtEvents.Listener(domainChanged, session.lost::countDown));
            session.facts = factsReader.read(watching);
            for (int call = 0; call < CALLS_AT_ONCE; call++) {
                session.idle.add(session.connect(uri));
            }
            return session;
        } catch (LibvirtException | LibvirtFailure | RuntimeException e) {
            session.retire();
            throw e;
        }
    }

    private LibvirtConnection connect(String uri) throws LibvirtException {
        LibvirtConnection connection = LibvirtConnection.open(uri);
        connections.add(connection);
        return connection;
    }

    HostFacts facts() {
        return facts;
    }

    /** A connection for one call, or null if none became idle in time. */
    LibvirtConnection borrow(long millis) throws InterruptedException {
        return idle.poll(millis, TimeUnit.MILLISECONDS);
    }

    void giveBack(LibvirtConnection connection) {
        idle.add(connection);
    }

    boolean alive() {
        return lost.getCount() > 0 && connections.stream().allMatch(LibvirtConnection::alive);
    }

    /** Whether a connection was lost within this time. */
    boolean lostWithin(long seconds) throws InterruptedException {
        return lost.await(seconds, TimeUnit.SECONDS) || !alive();
    }

    /** Gives all connections up; each is closed once no call uses it. */
    void retire() {
        lost.countDown();
        connections.forEach(LibvirtConnection::retire);
    }
}
