package dev.berth.hypervisor;

import com.sun.jna.Pointer;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.event.LifecycleListener;
import org.libvirt.event.RebootListener;
import org.libvirt.jna.Libvirt.VirErrorCallback;

/** A connection that tells when it is lost and when something happens to one of its domains. */
final class LibvirtConnection extends Connect {
    private static final Logger LOG = Logger.getLogger(LibvirtConnection.class);
    private static final AtomicBoolean LOOP_STARTED = new AtomicBoolean();

    /** Kept for as long as the program runs, since libvirt keeps calling it. Without one it writes to standard error. */
    private static final VirErrorCallback QUIET = (data, error) -> LOG.tracef("libvirt: %s", error.message);

    private static final int KEEPALIVE_SECONDS = 3;
    private static final int KEEPALIVES_MISSED = 3;

    private final CountDownLatch lost = new CountDownLatch(1);

    /** Blocks until libvirtd answers, which a stopped one never does. */
    private LibvirtConnection(String uri) throws LibvirtException {
        super(uri);
    }

    static LibvirtConnection open(String uri, Consumer<UUID> domainChanged) throws LibvirtException {
        startLoop();
        LibvirtConnection connection = new LibvirtConnection(uri);
        try {
            connection.listen(domainChanged);
            return connection;
        } catch (LibvirtException e) {
            connection.close();
            throw e;
        }
    }

    /** libvirt's event loop: once for the whole program, and before the first connection is opened. */
    private static void startLoop() throws LibvirtException {
        synchronized (LOOP_STARTED) {
            if (LOOP_STARTED.get()) {
                return;
            }
            Connect.setErrorCallback(QUIET);
            Library.initEventLoop();
            Thread loop = new Thread(LibvirtConnection::loop, "libvirt-events");
            loop.setDaemon(true);
            loop.start();
            LOOP_STARTED.set(true);
        }
    }

    private static void loop() {
        while (true) {
            try {
                Library.processEvent();
            } catch (LibvirtException | RuntimeException e) {
                LOG.warn("libvirt's event loop failed to take an event", e);
            }
        }
    }

    /** Callbacks run on the event loop: they only note what happened. */
    private void listen(Consumer<UUID> domainChanged) throws LibvirtException {
        addLifecycleListener((LifecycleListener) (domain, event) -> {
            note(domain, domainChanged);
            return 0;
        });
        addRebootListener((RebootListener) domain -> note(domain, domainChanged));
        if (!getType().equals("Test")) {
            registerCloseListener((connection, reason) -> lost.countDown());
            setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVES_MISSED);
        }
    }

    private static void note(Domain domain, Consumer<UUID> domainChanged) {
        try {
            domainChanged.accept(UUID.fromString(domain.getUUIDString()));
            domain.free();
        } catch (LibvirtException | RuntimeException e) {
            LOG.warn("An event of a domain could not be noted", e);
        }
    }

    Pointer pointer() {
        return vcp.getPointer();
    }

    /** Whether the line was lost within this time. */
    boolean lostWithin(long seconds) throws InterruptedException {
        return lost.await(seconds, TimeUnit.SECONDS) || !alive();
    }

    boolean alive() {
        try {
            return lost.getCount() > 0 && isAlive();
        } catch (LibvirtException e) {
            return false;
        }
    }
}
