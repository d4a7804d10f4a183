package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.BootSpec.BootFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine's own copy of what it starts from is what was imported, or is not there. */
class BootFilesTest {
    private final UUID machine = UUID.randomUUID();

    @TempDir
    private Path directory;

    private Path library;
    private BootFiles files;
    private BootFile kernel;

    @BeforeEach
    void prepare() throws IOException {
        library = Files.writeString(directory.resolve("library"), "a kernel");
        WorkerDirectory worker = new WorkerDirectory(directory.resolve("worker"));
        worker.prepare(-1);
        files = new BootFiles(worker);
        kernel = new BootFile(library.toString(), ImageFiles.digest(library));
    }

    @Test
    void isCopiedOnce() throws IOException {
        files.ensure(machine, boot(kernel));
        Files.writeString(library, "another kernel");
        files.ensure(machine, boot(kernel));

        assertThat(files.path(machine, kernel)).hasContent("a kernel");
        assertThat(files.machines()).containsExactly(machine);
        files.delete(machine);
        files.delete(machine);
        assertThat(files.machines()).isEmpty();
    }

    @Test
    void isNeverAnything() throws IOException {
        Files.writeString(library, "another kernel");

        refused(kernel, "not what was imported");
        Files.delete(library);
        refused(kernel, "could not be copied");
        Path secret = Files.writeString(directory.resolve("secret"), "a kernel");
        Files.createSymbolicLink(library, secret);
        refused(kernel, "could not be copied");
        refused(new BootFile(library.toString(), "../../etc"), "never checked");
    }

    @Test
    void whatADeadWorkerLeftIsMadeAgain() throws IOException {
        Path part = Files.writeString(
                directory.resolve("worker/boot").resolve(machine + "." + kernel.sha256() + ".part"), "a ker");
        assertThat(files.machines()).containsExactly(machine);

        files.ensure(machine, boot(kernel));

        assertThat(part).doesNotExist();
        assertThat(files.path(machine, kernel)).hasContent("a kernel");
    }

    private void refused(BootFile file, String why) {
        assertThatThrownBy(() -> files.ensure(machine, boot(file)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(why);
        assertThat(files.machines()).isEmpty();
    }

    private static BootSpec boot(BootFile kernel) {
        return new BootSpec(BootSpec.From.KERNEL, kernel, null, "");
    }
}
