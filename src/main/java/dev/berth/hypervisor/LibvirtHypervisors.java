package dev.berth.hypervisor;

import dev.berth.hypervisor.HostsConfig.HostConfig;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.network.NetworkKinds;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.NotificationOptions;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** The configured libvirt hosts, each with a connection of its own; without any configured, this machine's libvirt. */
@ApplicationScoped
public class LibvirtHypervisors implements Hypervisors, HypervisorLifecycle {
    private static final String DEFAULT_HOST = "local";
    private static final String DEFAULT_URI = "qemu:///system";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Logger LOG = Logger.getLogger(LibvirtHypervisors.class);

    private final HostsConfig config;
    private final NetworkKinds networks;
    private final DiskKinds disks;
    private final DomainXml domainXml;
    private final PortForwards forwards;
    private final Consumer<DomainChanged> domainChanged;
    private final Consumer<HostConnectionChanged> connectionChanged;
    private final Map<String, Served> hosts = new LinkedHashMap<>();
    private final ExecutorService announcements = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "libvirt-announcements");
        thread.setDaemon(true);
        return thread;
    });
    private final HostThreads threads;
    private volatile boolean started;

    private record Served(LibvirtLink link, LinkKeeper keeper, LibvirtHypervisor hypervisor) {}

    @Inject
    public LibvirtHypervisors(
            HostsConfig config,
            NetworkKinds networks,
            DiskKinds disks,
            DomainXml domainXml,
            PortForwards forwards,
            Event<DomainChanged> domainChanged,
            Event<HostConnectionChanged> connectionChanged) {
        this(config, networks, disks, domainXml, forwards, new HostThreads(), domainChanged, connectionChanged);
    }

    private LibvirtHypervisors(
            HostsConfig config,
            NetworkKinds networks,
            DiskKinds disks,
            DomainXml domainXml,
            PortForwards forwards,
            HostThreads threads,
            Event<DomainChanged> domainChanged,
            Event<HostConnectionChanged> connectionChanged) {
        this(
                config,
                networks,
                disks,
                domainXml,
                forwards,
                threads,
                changed -> domainChanged.fireAsync(changed, NotificationOptions.ofExecutor(threads.of(changed.host()))),
                changed -> connectionChanged.fireAsync(
                        changed, NotificationOptions.ofExecutor(threads.of(changed.host()))));
    }

    LibvirtHypervisors(
            HostsConfig config,
            NetworkKinds networks,
            DiskKinds disks,
            DomainXml domainXml,
            PortForwards forwards,
            Consumer<DomainChanged> domainChanged,
            Consumer<HostConnectionChanged> connectionChanged) {
        this(config, networks, disks, domainXml, forwards, new HostThreads(), domainChanged, connectionChanged);
    }

    private LibvirtHypervisors(
            HostsConfig config,
            NetworkKinds networks,
            DiskKinds disks,
            DomainXml domainXml,
            PortForwards forwards,
            HostThreads threads,
            Consumer<DomainChanged> domainChanged,
            Consumer<HostConnectionChanged> connectionChanged) {
        this.threads = threads;
        this.config = config;
        this.networks = networks;
        this.disks = disks;
        this.domainXml = domainXml;
        this.forwards = forwards;
        this.domainChanged = domainChanged;
        this.connectionChanged = connectionChanged;
    }

    @Override
    public synchronized void start() {
        if (started) {
            return;
        }
        if (config.hosts().isEmpty()) {
            serve(DEFAULT_HOST, DEFAULT_URI, Acceleration.AUTO);
        }
        config.hosts().forEach((name, host) -> serve(name, host));
        hosts.values().forEach(served -> served.keeper().start());
        started = true;
    }

    private void serve(String name, HostConfig host) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalStateException(
                    "berth.worker.hosts: a host's name may hold a-z, 0-9 and hyphens only, unlike \"" + name + "\"");
        }
        serve(name, host.uri(), host.acceleration());
    }

    private void serve(String name, String uri, Acceleration acceleration) {
        WorkerDirectory directory = new WorkerDirectory(Path.of(config.directory()));
        LibvirtLink link = new LibvirtLink(name, config.timeout());
        LibvirtDomains domains = new LibvirtDomains(link);
        DomainMarks marks = new DomainMarks(domains);
        HostInspection inspection =
                new HostInspection(acceleration, directory, new AccelerationProbe(directory.root()));
        LinkKeeper keeper = new LinkKeeper(
                link,
                uri,
                config.timeout(),
                inspection::read,
                machineId -> announce(() -> changed(name, marks, machineId)),
                connected -> announce(() -> connection(name, marks, connected)));
        LibvirtHost host = new LibvirtHost(link, domains, directory.root());
        hosts.put(
                name,
                new Served(
                        link,
                        keeper,
                        new LibvirtHypervisor(host, domains, marks, networks, disks, domainXml, forwards, directory)));
    }

    /** Off the thread that libvirt calls back on. */
    private void announce(Runnable announcement) {
        try {
            announcements.execute(announcement);
        } catch (RejectedExecutionException e) {
            LOG.trace("An event came after the end", e);
        }
    }

    private void changed(String host, DomainMarks marks, UUID machineId) {
        marks.forget(machineId);
        domainChanged.accept(new DomainChanged(host, machineId));
    }

    private void connection(String host, DomainMarks marks, boolean connected) {
        marks.forgetAll();
        connectionChanged.accept(new HostConnectionChanged(host, connected));
    }

    @Override
    public Hypervisor get(String host) {
        Served served = served(host);
        String problem = served.link().problem();
        if (!problem.isEmpty()) {
            throw new HypervisorException(Reason.UNREACHABLE, problem);
        }
        return served.hypervisor();
    }

    private synchronized Served served(String host) {
        Served served = hosts.get(host);
        if (served == null) {
            throw new HypervisorException(
                    Reason.UNREACHABLE,
                    started
                            ? "This worker does not serve a host named " + host + "."
                            : "This process has not started to connect hosts.");
        }
        return served;
    }

    @Override
    public synchronized Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        hosts.forEach((name, served) -> problems.put(name, served.link().problem()));
        return problems;
    }

    @Override
    @PreDestroy
    public synchronized void close() {
        hosts.values().forEach(served -> served.keeper().close());
        hosts.clear();
        announcements.shutdown();
        threads.close();
    }
}
