package dev.berth.machines;

import dev.berth.hypervisor.ForwardSpec.Protocol;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A port that is open: {@code hostAddress:hostPort} leads to {@code guestPort} of the machine.
 *
 * @param hostAddress what people connect to, a name or an address
 */
public record Forward(
        UUID id,
        UUID machineId,
        Protocol protocol,
        String hostAddress,
        int hostPort,
        int guestPort,
        String description,
        String createdBy,
        Instant createdAt,
        State state) {
    private static final int SSH = 22;
    private static final int HTTPS = 443;

    /** How far it is. */
    public enum State {
        /** The host is about to let connections in. */
        OPENING,
        OPEN
    }

    /** {@code vms.example.org:20001}. */
    public String endpoint() {
        return hostAddress + ":" + hostPort;
    }

    /** How to reach an SSH server there, if that is what the port is for. */
    public Optional<String> ssh() {
        return protocol == Protocol.TCP && guestPort == SSH
                ? Optional.of("ssh -p " + hostPort + " user@" + hostAddress)
                : Optional.empty();
    }

    /** The address for a browser, if the port is one of the web's. */
    public Optional<String> url() {
        return protocol != Protocol.TCP
                ? Optional.empty()
                : switch (guestPort) {
                    case 80, 8080 -> Optional.of("http://" + endpoint() + "/");
                    case HTTPS -> Optional.of("https://" + endpoint() + "/");
                    default -> Optional.empty();
                };
    }
}
