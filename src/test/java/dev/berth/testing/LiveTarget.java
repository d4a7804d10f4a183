package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.HostCommand;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** An iSCSI target of a test's own on the loopback interface, with CHAP: tgtd, which needs nothing of the kernel. */
public final class LiveTarget implements AutoCloseable {
    public static final String NAME = "iqn.2026-01.dev.berth:test";
    public static final String USER = "berth";

    private static final String LOG = "tgtd.log";

    public final String secret = "chap-" + UUID.randomUUID();
    private final Path directory;
    private final boolean own;
    private final int port;
    /** The number of tgtd's control socket, which has to fit into 15 bits. */
    private final int control;

    private final List<Path> luns = new ArrayList<>();
    private Process process;

    /** In a directory of its own, which goes with it. */
    public LiveTarget() throws IOException {
        this(Files.createTempDirectory(Path.of("/var/tmp"), "berth-test-target-"), true);
    }

    /** @param directory for its LUNs */
    public LiveTarget(Path directory) throws IOException {
        this(directory, false);
    }

    private LiveTarget(Path directory, boolean own) throws IOException {
        this.directory = directory;
        this.own = own;
        this.port = FreePort.choose();
        this.control = ThreadLocalRandom.current().nextInt(1, Short.MAX_VALUE);
    }

    public String portal() {
        return "127.0.0.1:" + port;
    }

    /** Adds a LUN full of somebody else's bytes; the first has number 1. @return the file behind it */
    public Path lun(long bytes, byte[] filling) throws IOException {
        Path file = directory.resolve("lun" + (luns.size() + 1));
        try (RandomAccessFile device = new RandomAccessFile(file.toFile(), "rw")) {
            device.setLength(bytes);
            for (long at = 0; at < bytes; at += bytes / 8) {
                device.seek(at);
                device.write(filling);
            }
            device.seek(bytes - filling.length);
            device.write(filling);
        }
        luns.add(file);
        return file;
    }

    public LiveTarget start() throws IOException {
        process = new ProcessBuilder("tgtd", "-f", "-C", Integer.toString(control), "--iscsi", "portal=" + portal())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(LOG).toFile())
                .start();
        await().atMost(Duration.ofMinutes(1)).until(this::listens);
        await().atMost(Duration.ofMinutes(1)).ignoreExceptions().untilAsserted(() -> tell("target", "show"));
        tell("target", "new", "--tid", "1", "-T", NAME);
        for (int number = 1; number <= luns.size(); number++) {
            tell(
                    "logicalunit",
                    "new",
                    "--tid",
                    "1",
                    "--lun",
                    Integer.toString(number),
                    "-b",
                    luns.get(number - 1).toString());
        }
        tell("target", "bind", "--tid", "1", "-I", "ALL");
        tell("account", "new", "--user", USER, "--password", secret);
        tell("account", "bind", "--tid", "1", "--user", USER);
        return this;
    }

    private boolean listens() {
        assertThat(process.isAlive()).as("tgtd runs").isTrue();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void tell(String mode, String operation, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "tgtadm", "-C", Integer.toString(control), "--lld", "iscsi", "--mode", mode, "--op", operation));
        command.addAll(List.of(more));
        HostCommand.Result result = HostCommand.of(command.toArray(String[]::new))
                .timeout(Duration.ofMinutes(1))
                .run();
        assertThat(result.succeeded())
                .as("tgtadm %s: %s", command, result.errors())
                .isTrue();
    }

    /** Whether these bytes are anywhere on its LUNs. */
    public boolean contains(String text) {
        return luns.stream()
                .anyMatch(file -> HostCommand.of("grep", "-q", "-a", "-F", text, file.toString())
                                .timeout(Duration.ofMinutes(2))
                                .run()
                                .exitCode()
                        == 0);
    }

    /** Pulls its plug. */
    public void stop() {
        process.destroyForcibly();
        await().atMost(Duration.ofMinutes(1)).until(() -> !process.isAlive());
    }

    @Override
    public void close() throws IOException {
        if (process != null) {
            stop();
        }
        for (Path file : luns) {
            Files.deleteIfExists(file);
        }
        for (String rest : List.of("", ".lock")) {
            Files.deleteIfExists(Path.of("/var/run/tgtd/socket." + control + rest));
        }
        Files.deleteIfExists(directory.resolve(LOG));
        if (own) {
            Files.deleteIfExists(directory);
        }
    }
}
