package dev.berth.hypervisor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A few threads for each host, on which what its events say is looked at. They ask libvirt, so a host that hangs holds
 * up its own events and no other's. What comes while more wait than anybody could look at is left to the next sweep.
 */
final class HostThreads implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(HostThreads.class);
    private static final int THREADS = 4;
    private static final int MOST_WAITING = 10_000;

    private final Map<String, ThreadPoolExecutor> executors = new ConcurrentHashMap<>();

    Executor of(String host) {
        return executors.computeIfAbsent(host, HostThreads::executor);
    }

    private static ThreadPoolExecutor executor(String host) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(MOST_WAITING),
                work -> {
                    Thread thread = new Thread(work, "libvirt-" + host + "-event");
                    thread.setDaemon(true);
                    return thread;
                },
                (work, full) -> LOG.debugf("An event of host %s is left to the next sweep", host));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    @Override
    public void close() {
        executors.values().forEach(ThreadPoolExecutor::shutdown);
    }
}
