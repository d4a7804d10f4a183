package dev.berth.console;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** VNC sockets that a test names instead of libvirt. Hosts other than "near" are asked for through the worker link. */
@Alternative
@ApplicationScoped
class FakeScreens extends LocalScreens {
    private final Map<UUID, Path> sockets = new ConcurrentHashMap<>();
    private final Set<UUID> off = ConcurrentHashMap.newKeySet();

    FakeScreens() {
        super(null, null);
    }

    void show(UUID machine, Path socket) {
        sockets.put(machine, socket);
    }

    void switchOff(UUID machine) {
        off.add(machine);
    }

    @Override
    boolean serves(String host) {
        return host.equals(ConsoleFixture.NEAR);
    }

    @Override
    Path socket(String host, UUID machineId) {
        Path socket = sockets.get(machineId);
        if (off.contains(machineId)) {
            throw new ConsoleException(Ending.OFF);
        }
        if (socket == null) {
            throw new ConsoleException(Ending.UNREACHABLE);
        }
        return socket;
    }

    @Override
    boolean isOff(String host, UUID machineId) {
        return off.contains(machineId);
    }
}
