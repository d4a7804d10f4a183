package dev.berth.hypervisor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One program run on this machine: no shell in between, an end to its patience and to the output that is kept, and on
 * request limits on the memory and processor time it may take.
 */
public final class HostCommand {
    private static final int MAX_OUTPUT_BYTES = 256 * 1024;

    private final List<String> command;
    private Duration timeout = Duration.ofSeconds(10);
    private Path directory;
    private String input = "";
    private Consumer<String> watcher = output -> {};
    private final Map<String, String> environment = new HashMap<>(Map.of("LC_ALL", "C.UTF-8"));

    private HostCommand(List<String> command) {
        this.command = command;
    }

    public static HostCommand of(String... command) {
        return new HostCommand(new ArrayList<>(List.of(command)));
    }

    /** How a program ended. {@code timedOut} means that it was killed. */
    public record Result(int exitCode, String output, String errors, boolean timedOut) {
        public boolean succeeded() {
            return !timedOut && exitCode == 0;
        }
    }

    /** Kills it after this long; ten seconds unless told. */
    public HostCommand timeout(Duration timeout) {
        this.timeout = timeout;
        return this;
    }

    public HostCommand in(Path directory) {
        this.directory = directory;
        return this;
    }

    /** A variable of its environment, which no other user of the host can read. */
    public HostCommand environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** What it reads from its standard input; nothing unless told. */
    public HostCommand input(String text) {
        this.input = text;
        return this;
    }

    /**
     * Holds it to this much address space and processor time, and keeps it from writing any file (prlimit(1)): for
     * programs that read hostile input.
     */
    public HostCommand limited(long addressSpaceBytes, Duration processorTime) {
        command.addAll(
                0,
                List.of(
                        "prlimit",
                        "--as=" + addressSpaceBytes,
                        "--cpu=" + processorTime.toSeconds(),
                        "--core=0",
                        "--fsize=0",
                        "--"));
        return this;
    }

    /** Kills it when this process dies, however that comes about (setpriv(1)). */
    public HostCommand dyingWithUs() {
        command.addAll(0, List.of("setpriv", "--pdeathsig", "KILL", "--"));
        return this;
    }

    /** Hears what it writes as it comes, in pieces. If the watcher throws, the program is killed and {@link #run} throws the same. */
    public HostCommand watch(Consumer<String> watcher) {
        this.watcher = watcher;
        return this;
    }

    /**
     * Runs it to its end.
     *
     * @throws HypervisorException {@code MISSING} when the program is not installed
     */
    public Result run() {
        Process process = launch();
        CompletableFuture<Void> objection = new CompletableFuture<>();
        CompletableFuture<String> output = drain(process.getInputStream(), piece -> {
            try {
                watcher.accept(piece);
            } catch (RuntimeException e) {
                objection.completeExceptionally(e);
                kill(process);
            }
        });
        CompletableFuture<String> errors = drain(process.getErrorStream(), piece -> {});
        if (!input.isEmpty()) {
            daemon(() -> feed(process)).start();
        }
        try {
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
            }
            Result result = new Result(ended ? process.exitValue() : -1, text(output), text(errors), !ended);
            if (objection.isCompletedExceptionally()) {
                objection.getNow(null);
            }
            return result;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException objected ? objected : e;
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            throw new HypervisorException(
                    HypervisorException.Reason.FAILED, "The work was interrupted; it will be tried again.", e);
        }
    }

    /**
     * Starts a program that serves until it is ended with {@link Process#destroyForcibly}. It should say little: nobody
     * reads along.
     */
    Process start() {
        Process process = launch();
        if (!input.isEmpty()) {
            daemon(() -> feed(process)).start();
        }
        return process;
    }

    private Process launch() {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (input.isEmpty()) {
            builder.redirectInput(ProcessBuilder.Redirect.from(nothing()));
        }
        builder.environment().putAll(environment);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw new HypervisorException(
                    HypervisorException.Reason.MISSING,
                    "The program " + command.get(0) + " can't be run on the host: install it there.",
                    e);
        }
    }

    private static java.io.File nothing() {
        return new java.io.File("/dev/null");
    }

    /** On a thread of its own: a program that does not read must not hold up whoever waits for its end. */
    private void feed(Process process) {
        try (OutputStream stream = process.getOutputStream()) {
            stream.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all of it; its exit status says why.
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static CompletableFuture<String> drain(InputStream stream, Consumer<String> watcher) {
        return CompletableFuture.supplyAsync(
                () -> readBounded(stream, watcher), command -> daemon(command).start());
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "host-command");
        thread.setDaemon(true);
        return thread;
    }

    private static String readBounded(InputStream stream, Consumer<String> watcher) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (stream) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                watcher.accept(new String(buffer, 0, count, StandardCharsets.UTF_8));
                kept.write(buffer, 0, Math.min(count, MAX_OUTPUT_BYTES - kept.size()));
            }
        } catch (IOException e) {
            if (kept.size() == 0) {
                throw new UncheckedIOException(e);
            }
        }
        return kept.toString(StandardCharsets.UTF_8);
    }

    /** The pipes close with the program; a grandchild that holds them open is not waited for. */
    private static String text(CompletableFuture<String> stream) throws InterruptedException {
        try {
            return stream.get(2, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return "";
        }
    }
}
