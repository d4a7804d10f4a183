package dev.berth.console;

import dev.berth.common.ProblemException;
import dev.berth.console.Pump.Wire;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Ways to a machine's VNC server: the socket beside this process, or the worker that has it beside itself. */
@Singleton
class Screens {
    private static final int LOST_MILLIS = 500;

    private final Vertx vertx;
    private final LocalScreens local;
    private final WorkerLink link;
    private final Hosts hosts;
    private final Machines machines;
    private final NetClient client;

    Screens(Vertx vertx, LocalScreens local, WorkerLink link, Hosts hosts, Machines machines, ConsoleConfig config) {
        this.vertx = vertx;
        this.local = local;
        this.link = link;
        this.hosts = hosts;
        this.machines = machines;
        this.client = vertx.createNetClient(new NetClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis()));
    }

    /** One of the two ways. */
    private record Way(Path socket, String workerUrl) {}

    /** The open, paused connection; fails with {@link ConsoleException}. */
    Future<Wire> connect(Machine machine) {
        return vertx.executeBlocking(() -> way(machine), false)
                .compose(way ->
                        way.socket() == null ? link.connect(way.workerUrl(), machine.id()) : connect(way.socket()))
                .recover(e -> Future.failedFuture(unreachable(e)));
    }

    /** Like {@link #connect}, but only to a socket beside this process. */
    Future<Wire> connectLocal(UUID machineId) {
        return vertx.executeBlocking(() -> localSocket(machineId), false)
                .compose(this::connect)
                .recover(e -> Future.failedFuture(unreachable(e)));
    }

    /** Why a screen's connection ended by itself. */
    Future<Ending> whyLost(Machine machine) {
        // A remote worker's event has to reach the row first.
        return vertx.timer(LOST_MILLIS, TimeUnit.MILLISECONDS)
                .compose(x -> vertx.executeBlocking(() -> isOff(machine) ? Ending.OFF : Ending.LOST, false));
    }

    private Future<Wire> connect(Path socket) {
        return client.connect(SocketAddress.domainSocketAddress(socket.toString()))
                .map(connection -> Wire.of(connection.pause()));
    }

    private Way way(Machine machine) {
        return local.serves(machine.hostName())
                ? new Way(local.socket(machine.hostName(), machine.id()), null)
                : new Way(null, workerUrl(machine.hostName()));
    }

    private Path localSocket(UUID machineId) {
        try {
            return local.socket(
                    machines.get(Caller.system("console"), machineId).hostName(), machineId);
        } catch (ProblemException e) {
            throw new ConsoleException(Ending.OFF, e);
        }
    }

    private boolean isOff(Machine machine) {
        return local.serves(machine.hostName())
                ? local.isOff(machine.hostName(), machine.id())
                : !machines.get(Caller.system("console"), machine.id()).hasConsole();
    }

    static ConsoleException unreachable(Throwable e) {
        return e instanceof ConsoleException known ? known : new ConsoleException(Ending.UNREACHABLE, e);
    }

    private String workerUrl(String hostName) {
        return hosts.list().stream()
                .filter(host -> host.name().equals(hostName))
                .map(Host::workerUrl)
                .filter(url -> !url.isEmpty())
                .findFirst()
                .orElseThrow(() -> new ConsoleException(Ending.UNREACHABLE));
    }
}
