package dev.berth.hypervisor;

import com.sun.jna.Pointer;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Calls to one libvirt host. They run on a few threads that belong to this host alone, so that a libvirtd which hangs
 * holds up only those who want something of that host, and nobody for longer than the call's patience.
 */
final class LibvirtLink implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LibvirtLink.class);

    /**
     * libvirtd reads no further from a client that has five calls under way (max_client_requests), not even its
     * keepalives; one fewer keeps the line from being taken for dead under load.
     */
    private static final int CALLS_AT_ONCE = 4;

    private final String host;
    private final Duration timeout;
    private final ExecutorService threads;
    private volatile Session session;
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

    private record Session(LibvirtConnection connection, HostFacts facts, Semaphore permits) {}

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
        Session current = session;
        return current != null && current.connection().alive() ? "" : problem;
    }

    void connected(LibvirtConnection connection, HostFacts facts) {
        session = new Session(connection, facts, new Semaphore(CALLS_AT_ONCE, true));
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
        Session current = session();
        Duration limit = timeout.multipliedBy(patience.timeouts);
        acquire(current, limit);
        Future<T> answer = submit(() -> {
            try {
                return call.on(current.connection().pointer());
            } finally {
                current.permits().release();
            }
        });
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

    private Session session() {
        Session current = session;
        if (current == null) {
            throw new HypervisorException(Reason.UNREACHABLE, problem);
        }
        return current;
    }

    private void acquire(Session current, Duration limit) {
        try {
            if (!current.permits().tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new HypervisorException(
                        Reason.UNREACHABLE,
                        "Host " + host + " is still busy with earlier work or has stopped answering."
                                + " This is tried again.");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private <T> Future<T> submit(Callable<T> work) {
        try {
            return threads.submit(work);
        } catch (RejectedExecutionException e) {
            throw new HypervisorException(Reason.UNREACHABLE, "This worker is shutting down.", e);
        }
    }

    private static HypervisorException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HypervisorException(Reason.FAILED, "The work was interrupted; it is tried again.", e);
    }

    private HypervisorException explained(Session current, String task, Throwable cause) {
        if (cause instanceof HypervisorException known) {
            return known;
        }
        if (cause instanceof LibvirtFailure failure) {
            LOG.warnf("libvirt on %s failed to %s: %s (code %d)", host, task, failure.getMessage(), failure.code());
            HypervisorException explained = failure.explained(host, task);
            return current.connection().alive() || explained.reason() == Reason.UNREACHABLE
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
