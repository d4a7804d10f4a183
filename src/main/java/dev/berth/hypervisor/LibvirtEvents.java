package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.libvirt.Library;
import org.libvirt.LibvirtException;

/**
 * libvirt's event loop and what it calls. The functions it is given live as long as the program: libvirt may call one
 * after its connection was closed, and what the garbage collector took by then would crash the program.
 */
final class LibvirtEvents {
    private static final Logger LOG = Logger.getLogger(LibvirtEvents.class);

    /** virDomainEventID, from libvirt-domain.h. */
    private static final int LIFECYCLE = 0;

    private static final int REBOOT = 1;
    private static final int UUID_TEXT_BYTES = 37;

    private static final Map<Long, Subscription> SUBSCRIPTIONS = new ConcurrentHashMap<>();
    private static final AtomicLong NUMBERS = new AtomicLong();

    private static boolean started;

    private LibvirtEvents() {}

    /** virErrorFunc. The error stays a bare pointer: a struct is written back by JNA, into memory that libvirt frees. */
    interface ErrorFunction extends Callback {
        void invoke(Pointer data, Pointer error);
    }

    /** virConnectDomainEventCallback. */
    interface LifecycleFunction extends Callback {
        int invoke(Pointer connection, Pointer domain, int event, int detail, Pointer opaque);
    }

    /** virConnectDomainEventGenericCallback. */
    interface GenericFunction extends Callback {
        void invoke(Pointer connection, Pointer domain, Pointer opaque);
    }

    /** virConnectCloseFunc. */
    interface CloseFunction extends Callback {
        void invoke(Pointer connection, int reason, Pointer opaque);
    }

    /** Without a function of our own libvirt writes every error to standard error. */
    private static final ErrorFunction QUIET = (data, error) -> {};

    private static final LifecycleFunction ON_LIFECYCLE = (connection, domain, event, detail, opaque) -> {
        note(domain, opaque);
        return 0;
    };

    private static final GenericFunction ON_REBOOT = (connection, domain, opaque) -> note(domain, opaque);

    private static final CloseFunction ON_CLOSE = (connection, reason, opaque) -> {
        Subscription subscription = SUBSCRIPTIONS.get(Pointer.nativeValue(opaque));
        if (subscription != null) {
            subscription.listener.lost().run();
        }
    };

    /** Starts the loop, once for the whole program and before the first connection is opened. */
    static synchronized void start() throws LibvirtException {
        if (started) {
            return;
        }
        libvirt().virSetErrorFunc(null, QUIET);
        Library.initEventLoop();
        Thread loop = new Thread(LibvirtEvents::loop, "libvirt-events");
        loop.setDaemon(true);
        loop.start();
        started = true;
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

    /** Runs on the event loop, so the domain's id is all that is taken. */
    private static void note(Pointer domain, Pointer opaque) {
        Subscription subscription = SUBSCRIPTIONS.get(Pointer.nativeValue(opaque));
        byte[] uuid = new byte[UUID_TEXT_BYTES];
        if (subscription != null && libvirt().virDomainGetUUIDString(domain, uuid) == 0) {
            subscription
                    .listener
                    .domainChanged()
                    .accept(UUID.fromString(new String(uuid, 0, UUID_TEXT_BYTES - 1, StandardCharsets.US_ASCII)));
        }
    }

    /**
     * Who is told.
     *
     * @param lost called when the line is lost; not every driver tells
     */
    record Listener(Consumer<UUID> domainChanged, Runnable lost) {}

    /** One connection's wish to be told. */
    static final class Subscription {
        private final long number = NUMBERS.incrementAndGet();
        private final Pointer connection;
        private final Listener listener;
        private int lifecycle = -1;
        private int reboot = -1;
        private boolean close;

        private Subscription(Pointer connection, Listener listener) {
            this.connection = connection;
            this.listener = listener;
        }

        /** Has to come before the connection is closed: libvirt keeps one open that has functions registered. */
        void end() {
            SUBSCRIPTIONS.remove(number);
            if (lifecycle >= 0) {
                libvirt().virConnectDomainEventDeregisterAny(connection, lifecycle);
            }
            if (reboot >= 0) {
                libvirt().virConnectDomainEventDeregisterAny(connection, reboot);
            }
            if (close) {
                libvirt().virConnectUnregisterCloseCallback(connection, ON_CLOSE);
            }
        }
    }

    static Subscription subscribe(Pointer connection, Listener listener) throws LibvirtFailure {
        Subscription subscription = new Subscription(connection, listener);
        SUBSCRIPTIONS.put(subscription.number, subscription);
        Pointer opaque = Pointer.createConstant(subscription.number);
        try {
            subscription.lifecycle = NativeHandle.check(libvirt()
                    .virConnectDomainEventRegisterAny(connection, null, LIFECYCLE, ON_LIFECYCLE, opaque, null));
            subscription.reboot = NativeHandle.check(
                    libvirt().virConnectDomainEventRegisterAny(connection, null, REBOOT, ON_REBOOT, opaque, null));
            subscription.close = libvirt().virConnectRegisterCloseCallback(connection, ON_CLOSE, opaque, null) == 0;
            return subscription;
        } catch (LibvirtFailure e) {
            subscription.end();
            throw e;
        }
    }
}
