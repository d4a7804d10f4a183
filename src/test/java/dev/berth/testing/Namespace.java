package dev.berth.testing;

import dev.berth.hypervisor.HostCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** Another computer on a network: a network namespace with one cable to this machine, and a {@link Talker} in it. */
public final class Namespace implements AutoCloseable {
    private final String name =
            "bt" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x100000, 0xffffff));
    private final String hostEnd = name + "h";
    private Process talker;
    private Writer toTalker;
    private BufferedReader fromTalker;

    private Namespace() {}

    /** One outside: this machine has the first address of the cable, the other end the second and routes through it. */
    public static Namespace beside(String hostAddress, String address) {
        Namespace namespace = new Namespace();
        namespace.plug(address + "/24", hostAddress);
        ip("addr", "add", hostAddress + "/24", "dev", namespace.hostEnd);
        namespace.talk();
        return namespace;
    }

    /** One on a bridge of this machine. */
    public static Namespace on(String bridge, String gateway, String address) {
        Namespace namespace = new Namespace();
        namespace.plug(address + "/24", gateway);
        ip("link", "set", namespace.hostEnd, "master", bridge);
        namespace.talk();
        return namespace;
    }

    private void plug(String cidr, String gateway) {
        ip("netns", "add", name);
        ip("link", "add", hostEnd, "type", "veth", "peer", "name", "eth0", "netns", name);
        ip("link", "set", hostEnd, "up");
        ip("-n", name, "link", "set", "lo", "up");
        ip("-n", name, "addr", "add", cidr, "dev", "eth0");
        ip("-n", name, "link", "set", "eth0", "up");
        ip("-n", name, "route", "add", "default", "via", gateway);
    }

    private void talk() {
        try {
            talker = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            name,
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx32m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            "target/test-classes",
                            Talker.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            toTalker = talker.outputWriter(StandardCharsets.UTF_8);
            fromTalker = new BufferedReader(new InputStreamReader(talker.getInputStream(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the {@link Talker} answers. */
    public String ask(Object... words) {
        try {
            toTalker.write(
                    String.join(" ", Arrays.stream(words).map(String::valueOf).toList()) + "\n");
            toTalker.flush();
            return fromTalker.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void ip(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        HostCommand.Result result =
                HostCommand.of(command).timeout(Duration.ofSeconds(30)).run();
        if (!result.succeeded()) {
            throw new IllegalStateException(String.join(" ", command) + ": " + result.errors());
        }
    }

    @Override
    public void close() {
        if (talker != null) {
            talker.destroyForcibly();
        }
        // The cable goes with the namespace.
        ip("netns", "del", name);
    }
}
