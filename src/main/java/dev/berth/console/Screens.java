package dev.berth.console;

import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/** Ways to a machine's VNC server: the socket beside this process, or the worker that has it beside itself. */
@Singleton
class Screens {
    /** Bytes that may wait for a slow reader before the other side is paused, each way. */
    static final int QUEUE_BYTES = 128 * 1024;

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

    /** The open, paused connection; fails with {@link ConsoleException}. */
    Future<NetSocket> connect(Machine machine) {
        if (local.serves(machine.hostName())) {
            return connectLocal(machine);
        }
        return vertx.executeBlocking(() -> workerUrl(machine.hostName()), false)
                .compose(url -> link.connect(url, machine.id()));
    }

    /** Like {@link #connect}, but only to a socket beside this process. */
    Future<NetSocket> connectLocal(Machine machine) {
        if (!local.serves(machine.hostName())) {
            return Future.failedFuture(new ConsoleException(Ending.UNREACHABLE));
        }
        return vertx.executeBlocking(() -> local.socket(machine.hostName(), machine.id()), false)
                .compose(path -> client.connect(SocketAddress.domainSocketAddress(path.toString())))
                .map(socket -> {
                    socket.pause();
                    return socket.setWriteQueueMaxSize(QUEUE_BYTES);
                })
                .recover(e -> Future.failedFuture(unreachable(e)));
    }

    /** Why a screen's connection ended by itself. */
    Future<Ending> whyLost(Machine machine) {
        if (local.serves(machine.hostName())) {
            return vertx.executeBlocking(() -> off(local.isOff(machine.hostName(), machine.id())), false);
        }
        // The worker's event has to reach the row first.
        return vertx.timer(500, TimeUnit.MILLISECONDS)
                .compose(x -> vertx.executeBlocking(() -> off(isOffInRow(machine)), false));
    }

    static ConsoleException unreachable(Throwable e) {
        return e instanceof ConsoleException known ? known : new ConsoleException(Ending.UNREACHABLE, e);
    }

    private static Ending off(boolean off) {
        return off ? Ending.OFF : Ending.LOST;
    }

    private boolean isOffInRow(Machine machine) {
        return !machines.get(Caller.system("console"), machine.id()).hasConsole();
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
