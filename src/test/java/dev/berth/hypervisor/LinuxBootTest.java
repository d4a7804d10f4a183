package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.ImageInspector.RejectedImageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only what begins as a kernel or an archive gets to QEMU. */
class LinuxBootTest {
    private final ImageInspector inspector = new QemuImageInspector();

    @TempDir
    private Path directory;

    @Test
    void takesAKernel() throws Exception {
        var inspection = inspector.inspect(write(kernel(bytes -> {})), "kernel", 1);

        assertThat(inspection.virtualSizeBytes()).isZero();
        assertThat(inspection.fileSizeBytes()).isEqualTo(8_192);
        assertThat(inspection.sha256()).hasSize(64);
    }

    @Test
    void refusesWhatIsNoKernel() throws IOException {
        refused(write("\u007fELF".getBytes(StandardCharsets.ISO_8859_1)), "kernel", "not a Linux kernel");
        refused(write(new byte[8_192]), "kernel", "not a Linux kernel");
        refused(write(kernel(bytes -> bytes[0x1FF] = 0)), "kernel", "not a Linux kernel");
        refused(write(kernel(bytes -> bytes[0x202] = 'h')), "kernel", "not a Linux kernel");
        refused(write(kernel(bytes -> bytes[0x207] = 1)), "kernel", "too old");
        refused(write(kernel(bytes -> bytes[0x211] = 0)), "kernel", "too old");
        refused(write(kernel(bytes -> bytes[0x1F1] = (byte) 255)), "kernel", "cut off");
        refused(sparse(128L << 20), "kernel", "128 MiB");
        refused(write(new byte[0]), "kernel", "empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"303730373031", "1f8b0800", "fd377a585a00", "28b52ffd", "02214c18"})
    void takesAnArchive(String beginning) throws Exception {
        byte[] file = HexFormat.of().parseHex(beginning + "00".repeat(500));

        assertThat(inspector.inspect(write(file), "initrd", 1).fileSizeBytes()).isEqualTo(file.length);
    }

    @Test
    void refusesWhatIsNoArchive() throws IOException {
        refused(write("#!/bin/sh".getBytes(StandardCharsets.US_ASCII)), "initrd", "not an initial RAM disk");
        refused(write(kernel(bytes -> {})), "initrd", "not an initial RAM disk");
        refused(sparse(1L << 30), "initrd", "1024 MiB");
    }

    private void refused(Path file, String format, String why) {
        assertThatThrownBy(() -> inspector.inspect(file, format, 1))
                .isInstanceOf(RejectedImageException.class)
                .hasMessageContaining(why);
    }

    private static byte[] kernel(Consumer<byte[]> change) {
        byte[] file = new byte[8_192];
        file[0x1F1] = 4;
        file[0x1FE] = 0x55;
        file[0x1FF] = (byte) 0xAA;
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, file, 0x202, 4);
        file[0x206] = 0x0F;
        file[0x207] = 2;
        file[0x211] = 1;
        change.accept(file);
        return file;
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(Files.createTempFile(directory, "boot", ""), bytes);
    }

    /** One byte more than this. */
    private Path sparse(long bytes) throws IOException {
        Path file = Files.createTempFile(directory, "large", "");
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(bytes + 1);
        }
        return file;
    }
}
