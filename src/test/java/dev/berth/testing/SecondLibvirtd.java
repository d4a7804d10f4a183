package dev.berth.testing;

import dev.berth.hypervisor.HostCommand;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * A second libvirtd on this machine, with files of its own, that can be stopped without hurting anybody else's. It
 * listens on the loopback interface with TLS and wants a client's certificate. The application under test has it as host
 * {@code second} and this machine's own libvirt as {@code local}.
 */
public final class SecondLibvirtd implements QuarkusTestResourceLifecycleManager {
    public static final String NAME = "second";

    private static final Duration START = Duration.ofMinutes(1);

    private Path directory;
    private String uri;
    private Process process;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createDirectories(Path.of("/var/tmp/berth-test-second-"
                    + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x100000, 0xffffff))));
            int port = FreePort.choose();
            SmallCa ca = new SmallCa(directory.resolve("ca"));
            Path server = ca.server("localhost", "127.0.0.1");
            Path client = ca.client("berth");
            Path pki = Files.createDirectories(directory.resolve("pki"));
            Files.copy(ca.certificate(), pki.resolve("cacert.pem"));
            Files.copy(client.resolve("cert.pem"), pki.resolve("clientcert.pem"));
            Files.copy(client.resolve("key.pem"), pki.resolve("clientkey.pem"));
            configure(port, ca.certificate(), server);
            uri = "qemu+tls://localhost:" + port + "/system?pkipath=" + pki;
            launch(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of(
                "berth.worker.hosts.local.uri",
                "qemu:///system",
                "berth.worker.hosts." + NAME + ".uri",
                uri,
                "berth.worker.hosts." + NAME + ".acceleration",
                "qemu");
    }

    private void configure(int port, Path ca, Path server) throws IOException {
        Files.writeString(
                directory.resolve("libvirtd.conf"),
                """
                listen_tls = 1
                listen_tcp = 0
                listen_addr = "127.0.0.1"
                tls_port = "%d"
                ca_file = "%s"
                cert_file = "%s"
                key_file = "%s"
                auth_tls = "none"
                auth_unix_rw = "none"
                host_uuid = "%s"
                """
                        .formatted(port, ca, server.resolve("cert.pem"), server.resolve("key.pem"), UUID.randomUUID()));
        Files.writeString(
                directory.resolve("qemu.conf"),
                """
                security_driver = "none"
                stdio_handler = "file"
                """);
        // What sets up its view of the machine; it sees the same network and the same guests' files.
        Files.writeString(
                directory.resolve("start"),
                """
                set -e
                cd "$1"
                mkdir -p etc/qemu lib/images log/qemu cache
                chmod 711 . lib lib/images
                cp qemu.conf etc/
                cp -a /var/cache/libvirt/. cache/ 2>/dev/null || true
                mount --bind etc /etc/libvirt
                mount --bind lib /var/lib/libvirt
                mount --bind log /var/log/libvirt
                mount --bind cache /var/cache/libvirt
                mkdir -p /run/libvirt
                mount -t tmpfs -o mode=755 tmpfs /run/libvirt
                exec libvirtd --listen --config "$1/libvirtd.conf" --pid-file "$1/libvirtd.pid"
                """);
    }

    /** As the first process of a PID namespace, so that nothing it started outlives it. */
    private void launch(int port) throws IOException {
        process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        "bash",
                        directory.resolve("start").toString(),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("libvirtd.log").toFile())
                .start();
        org.awaitility.Awaitility.await().atMost(START).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(Files.readString(directory.resolve("libvirtd.log")));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        Files.writeString(
                directory.resolve("pid"),
                Long.toString(process.children().findFirst().orElseThrow().pid()));
    }

    /** SIGSTOP: it keeps its sockets open and answers nothing. */
    public static void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    public static void thaw() {
        signal("CONT");
    }

    /** Tests may see another copy of this class than the one that started it, so it is found by what it serves. */
    private static void signal(String name) {
        Path pid = Path.of(uriOfTheOneThatRuns().replaceAll(".*pkipath=", "")).resolveSibling("pid");
        try {
            HostCommand.of("kill", "-" + name, Files.readString(pid)).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String uriOfTheOneThatRuns() {
        return ConfigProvider.getConfig().getValue("berth.worker.hosts." + NAME + ".uri", String.class);
    }

    /** What an operator types on that host. */
    public static void virsh(String... arguments) {
        String uri = uriOfTheOneThatRuns();
        String[] command = new String[arguments.length + 3];
        System.arraycopy(new String[] {"virsh", "-c", uri}, 0, command, 0, 3);
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        HostCommand.of(command).timeout(Duration.ofSeconds(60)).run();
    }

    @Override
    public void stop() {
        if (process != null) {
            process.children().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.onExit().join();
        }
        if (directory != null) {
            try (var files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
