package dev.berth.testing;

import dev.berth.hypervisor.HostCommand;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file that is a block device of this machine until it is closed. */
public final class LoopDevice implements AutoCloseable {
    private final Path file;
    private final String path;

    private LoopDevice(Path file, String path) {
        this.file = file;
        this.path = path;
    }

    /** @param bytes its size; nothing of it is taken until it is written */
    public static LoopDevice make(long bytes) throws IOException {
        Path file = Files.createTempFile(Path.of("/var/tmp"), "berth-test-loop-", ".img");
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(bytes);
        }
        HostCommand.Result made =
                HostCommand.of("losetup", "-f", "--show", file.toString()).run();
        for (int i = 0; !made.succeeded() && i < 20; i++) {
            // Somebody else took the one that was free a moment ago.
            made = HostCommand.of("losetup", "-f", "--show", file.toString()).run();
        }
        if (!made.succeeded()) {
            Files.delete(file);
            throw new IllegalStateException(made.errors());
        }
        return new LoopDevice(file, made.output().strip());
    }

    /** {@code /dev/loop7}. */
    public String path() {
        return path;
    }

    /** Whether these bytes are anywhere on it. */
    public boolean contains(String text) {
        HostCommand.of("blockdev", "--flushbufs", path).run();
        return HostCommand.of("grep", "-q", "-a", "-F", text, path)
                        .timeout(Duration.ofMinutes(2))
                        .run()
                        .exitCode()
                == 0;
    }

    /** Runs a program on this machine that has to succeed. */
    public static String must(String... command) {
        HostCommand.Result result =
                HostCommand.of(command).timeout(Duration.ofMinutes(1)).run();
        if (!result.succeeded()) {
            throw new IllegalStateException(String.join(" ", command) + ": " + result.errors());
        }
        return result.output();
    }

    @Override
    public void close() throws IOException {
        // The kernel would keep them for whoever has the loop device next.
        HostCommand.of("partx", "--delete", path).run();
        HostCommand.of("losetup", "-d", path).run();
        Files.deleteIfExists(file);
    }
}
