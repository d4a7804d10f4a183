package dev.berth.hypervisor;

import com.sun.jna.Pointer;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Calls to one libvirt host. They run on threads and connections that belong to this host alone, so that a libvirtd
 * which hangs holds up only those who want something of that host, and nobody for longer than the call's patience.
 */
final class LibvirtLink implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LibvirtLink.class);

    private final String host;
    private final Duration timeout;
    private final ExecutorService threads;
    private volatile LibvirtSession session;
    private volatile String problem;

    /** How long a call may take. */
    enum Patience {
        /** An answer from libvirt's own books. */
        QUICK(1),
        /** Work that libvirt does first: a start, an image made, a network brought up. */
        LONG(12);

        private final int timeouts;

        Patience(int timeouts) {
            this.timeouts = timeouts;
        }
    }

    /** One or more calls to libvirt that belong together. */
    interface Call<T> {
        T on(Pointer connection) throws LibvirtFailure;
    }

    LibvirtLink(String host, Duration timeout) {
        this.host = host;
        this.timeout = timeout;
        this.problem = "Host " + host + " is being connected.";
        this.threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "libvirt-" + host + "-call");
            thread.setDaemon(true);
            return thread;
        });
    }

    String host() {
        return host;
    }

    /** Empty while there is a connection, else a sentence about what is wrong. */
    String problem() {
        LibvirtSession current = session;
        return current != null && current.alive() ? "" : problem;
    }

    void connected(LibvirtSession opened) {
        session = opened;
    }

    void disconnected(String sentence) {
        problem = sentence;
        session = null;
    }

    HostFacts facts() {
        return session().facts();
    }

    /**
     * @param task what is being done, as in "failed to ..."
     * @throws HypervisorException in every case of failure
     */
    <T> T call(String task, Patience patience, Call<T> call) {
        LibvirtSession current = session();
        Duration limit = timeout.multipliedBy(patience.timeouts);
        LibvirtConnection connection = borrow(current, limit);
        Future<T> answer = submit(current, connection, call);
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warnf("libvirt on %s has not answered for %s when asked to %s", host, limit, task);
            throw new HypervisorException(
                    Reason.UNREACHABLE,
                    "Host " + host + " has not answered for " + limit.toSeconds() + " s when asked to " + task
                            + ". This is tried again.",
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw explained(current, task, e.getCause());
        }
    }

    private LibvirtSession session() {
        LibvirtSession current = session;
        if (current == null) {
            throw new HypervisorException(Reason.UNREACHABLE, problem);
        }
        return current;
    }

    private LibvirtConnection borrow(LibvirtSession current, Duration limit) {
        try {
            LibvirtConnection connection = current.borrow(limit.toMillis());
            if (connection == null) {
                throw new HypervisorException(
                        Reason.UNREACHABLE,
                        "Host " + host + " is still busy with earlier work or has stopped answering."
                                + " This is tried again.");
            }
            return connection;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private <T> Future<T> submit(LibvirtSession current, LibvirtConnection connection, Call<T> call) {
        try {
            return threads.submit(() -> {
                try {
                    return run(connection, call);
                } finally {
                    current.giveBack(connection);
                }
            });
        } catch (RejectedExecutionException e) {
            current.giveBack(connection);
            throw new HypervisorException(Reason.UNREACHABLE, "This worker is shutting down.", e);
        }
    }

    private <T> T run(LibvirtConnection connection, Call<T> call) throws LibvirtFailure {
        if (!connection.enter()) {
            throw new HypervisorException(Reason.UNREACHABLE, problem);
        }
        try {
            return call.on(connection.pointer());
        } finally {
            connection.leave();
        }
    }

    private static HypervisorException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HypervisorException(Reason.FAILED, "The work was interrupted; it is tried again.", e);
    }

    private HypervisorException explained(LibvirtSession current, String task, Throwable cause) {
        if (cause instanceof HypervisorException known) {
            return known;
        }
        if (cause instanceof LibvirtFailure failure) {
            LOG.warnf("libvirt on %s failed to %s: %s (code %d)", host, task, failure.getMessage(), failure.code());
            HypervisorException explained = failure.explained(host, task);
            return current.alive() || explained.reason() == Reason.UNREACHABLE
                    ? explained
                    : new HypervisorException(
                            Reason.UNREACHABLE,
                            "The connection to host " + host + " was lost while it was to " + task
                                    + ". This is tried again when it is back.",
                            failure);
        }
        LOG.errorf(cause, "Could not %s on %s", task, host);
        return new HypervisorException(Reason.FAILED, "Host " + host + " failed to " + task + ".", cause);
    }

    @Override
    public void close() {
        disconnected("This worker is shutting down.");
        threads.shutdown();
    }
}
