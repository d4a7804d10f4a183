package dev.berth.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for programs that take theirs a moment later. */
public final class FreePort {
    /** Below those that the kernel gives to connections: one of them would soon be somebody's. */
    private static final int FIRST = 10_000;

    private static final int LAST = 19_999;
    private static final int TRIES = 100;

    private FreePort() {}

    public static int choose() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Somebody has it.
            }
        }
        throw new IllegalStateException("No port is free.");
    }
}
