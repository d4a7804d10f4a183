package dev.berth.hypervisor;

import com.sun.jna.Pointer;
import org.jboss.logging.Logger;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/**
 * A connection that is closed when it was given up and the last call on it has returned, since libvirt frees a
 * connection under the calls that use it.
 */
final class LibvirtConnection extends Connect {
    private static final Logger LOG = Logger.getLogger(LibvirtConnection.class);
    private static final int KEEPALIVE_SECONDS = 3;
    private static final int KEEPALIVES_MISSED = 3;

    private LibvirtEvents.Subscription subscription;
    private int users;
    private boolean retired;

    /** Blocks until libvirtd answers, which a stopped one never does. */
    private LibvirtConnection(String uri) throws LibvirtException {
        super(uri);
    }

    static LibvirtConnection open(String uri) throws LibvirtException {
        LibvirtEvents.start();
        LibvirtConnection connection = new LibvirtConnection(uri);
        try {
            if (!connection.getType().equals("Test")) {
                connection.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVES_MISSED);
            }
            return connection;
        } catch (LibvirtException e) {
            connection.retire();
            throw e;
        }
    }

    /** Has this connection bring events; at most once. */
    void subscribe(LibvirtEvents.Listener listener) throws LibvirtFailure {
        subscription = LibvirtEvents.subscribe(pointer(), listener);
    }

    Pointer pointer() {
        return vcp.getPointer();
    }

    /** Keeps the connection from being closed until {@link #leave}; false if it was given up before. */
    synchronized boolean enter() {
        if (retired) {
            return false;
        }
        users++;
        return true;
    }

    void leave() {
        boolean last;
        synchronized (this) {
            users--;
            last = retired && users == 0;
        }
        if (last) {
            closeQuietly();
        }
    }

    /** Gives the connection up. It may be closed on this thread, which takes as long as libvirtd lets it. */
    void retire() {
        boolean idle;
        synchronized (this) {
            if (retired) {
                return;
            }
            retired = true;
            idle = users == 0;
        }
        if (idle) {
            closeQuietly();
        }
    }

    private void closeQuietly() {
        try {
            if (subscription != null) {
                subscription.end();
            }
            close();
        } catch (LibvirtException e) {
            LOG.debug("A connection did not close cleanly", e);
        }
    }

    boolean alive() {
        if (!enter()) {
            return false;
        }
        try {
            return isAlive();
        } catch (LibvirtException e) {
            return false;
        } finally {
            leave();
        }
    }
}
