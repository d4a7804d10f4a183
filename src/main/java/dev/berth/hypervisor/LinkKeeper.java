package dev.berth.hypervisor;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.libvirt.LibvirtException;

/**
 * Keeps one host's link connected: a thread that opens the connection, waits for its loss, and opens it again after
 * pauses that grow while the host stays away.
 */
final class LinkKeeper implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LinkKeeper.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
    /** A connection that lasted this long does not count as one more failure. */
    private static final Duration STEADY = Duration.ofSeconds(20);

    private static final Duration LIVENESS_CHECK = Duration.ofSeconds(2);

    /** What may come on top of an open when KVM has to be tried first. */
    private static final Duration LOOKING_AROUND = Duration.ofSeconds(12);

    /** A stopped libvirtd holds an open for ever. When it goes on it answers one of these; more would only pile up. */
    private static final int OPENS_AT_ONCE = 3;

    private final LibvirtLink link;
    private final String uri;
    private final Duration timeout;
    private final LibvirtSession.FactsReader factsReader;
    private final Consumer<UUID> domainChanged;
    private final Consumer<Boolean> connectionChanged;
    private final Semaphore opens = new Semaphore(OPENS_AT_ONCE);
    private final Thread thread;
    private volatile boolean closed;

    LinkKeeper(
            LibvirtLink link,
            String uri,
            Duration timeout,
            LibvirtSession.FactsReader factsReader,
            Consumer<UUID> domainChanged,
            Consumer<Boolean> connectionChanged) {
        this.link = link;
        this.uri = uri;
        this.timeout = timeout;
        this.factsReader = factsReader;
        this.domainChanged = domainChanged;
        this.connectionChanged = connectionChanged;
        this.thread = daemon(this::keep, "libvirt-" + link.host());
    }

    void start() {
        thread.start();
    }

    private void keep() {
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            try {
                LibvirtSession session = open();
                long opened = System.nanoTime();
                LOG.infof("Connected to libvirt host %s", link.host());
                connectionChanged.accept(true);
                awaitLoss(session);
                connectionChanged.accept(false);
                if (System.nanoTime() - opened > STEADY.toNanos()) {
                    pause = FIRST_PAUSE;
                }
            } catch (InterruptedException e) {
                break;
            } catch (LibvirtException | TimeoutException | RuntimeException | LinkageError e) {
                LOG.warnf("No connection to libvirt host %s: %s; next try in %s", link.host(), e, pause);
                link.disconnected(sentence(e));
            }
            if (!sleep(pause)) {
                break;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private String sentence(Throwable e) {
        if (e instanceof TimeoutException) {
            return "libvirt on host " + link.host() + " takes connections but does not answer. Restart it there.";
        }
        if (e instanceof LinkageError) {
            return "The libvirt client library is not installed on this worker's machine.";
        }
        return "libvirt on host " + link.host() + " can't be reached. Check that it runs there; it is tried again.";
    }

    private LibvirtSession open() throws LibvirtException, InterruptedException, TimeoutException {
        if (!opens.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("Earlier attempts to open a connection still hang");
        }
        CompletableFuture<LibvirtSession> opening = new CompletableFuture<>();
        daemon(() -> openInto(opening), "libvirt-" + link.host() + "-open").start();
        try {
            return opening.get(timeout.plus(LOOKING_AROUND).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LibvirtException failure) {
                throw failure;
            }
            if (e.getCause() instanceof LinkageError missing) {
                throw missing;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException | InterruptedException e) {
            opening.cancel(false);
            throw e;
        }
    }

    /** Runs on a thread that may hang. A connection that comes too late is closed. */
    private void openInto(CompletableFuture<LibvirtSession> opening) {
        try {
            LibvirtSession session = LibvirtSession.open(uri, factsReader, domainChanged);
            synchronized (link) {
                if (opening.complete(session) && !closed) {
                    link.connected(session);
                    return;
                }
            }
            session.retire();
        } catch (LibvirtException | LibvirtFailure | RuntimeException | LinkageError e) {
            opening.completeExceptionally(e);
        } finally {
            opens.release();
        }
    }

    private void awaitLoss(LibvirtSession session) throws InterruptedException {
        try {
            while (!session.lostWithin(LIVENESS_CHECK.toSeconds())) {
                LOG.tracef("libvirt host %s is alive", link.host());
            }
            LOG.warnf("The connection to libvirt host %s was lost", link.host());
        } finally {
            synchronized (link) {
                link.disconnected("The connection to host " + link.host() + " was lost; it is being opened again.");
            }
            daemon(session::retire, "libvirt-" + link.host() + "-close").start();
        }
    }

    private static boolean sleep(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        link.close();
    }
}
