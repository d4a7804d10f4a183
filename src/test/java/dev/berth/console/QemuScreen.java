package dev.berth.console;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** QEMU with nothing to boot: its firmware's text is on the screen, and its VNC server is the real one. */
final class QemuScreen implements AutoCloseable {
    private final Process process;
    private final Path socket;

    QemuScreen(Path directory) throws IOException {
        socket = directory.resolve("qemu");
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")), "QEMU is installed");
        process = new ProcessBuilder(List.of(
                        "/usr/bin/qemu-system-x86_64",
                        "-machine",
                        "pc,accel=tcg",
                        "-m",
                        "32",
                        "-nodefaults",
                        "-vga",
                        "std",
                        "-display",
                        "none",
                        "-vnc",
                        "unix:" + socket))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await().until(() -> Files.exists(socket));
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
