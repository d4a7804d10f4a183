package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An operator's hand on the host, behind Berth's back: to change things there and to see what is really there. */
public final class Virsh {
    private Virsh() {}

    /** The answer of {@code virsh -c qemu:///system arguments...}, or an exception when it fails. */
    public static String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", "qemu:///system"));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + answer);
            }
            return answer.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Takes away what is there, for a test that failed on its way. */
    public static void attempt(String... arguments) {
        try {
            run(arguments);
        } catch (IllegalStateException e) {
            // It was not there.
        }
    }

    /** Names or UUIDs of all domains, one an entry. */
    public static List<String> domains() {
        return run("list", "--all", "--uuid")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }
}
