package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.ImageInspector.Inspection;
import dev.berth.hypervisor.ImageInspector.RejectedImageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images made by qemu-img itself, good ones and one for each refusal. */
class QemuImageInspectorTest {
    private static final long GIB = 1L << 30;
    private static final long LIMIT = 100 * GIB;

    private final ImageInspector inspector = new QemuImageInspector();

    @TempDir
    private Path directory;

    @Test
    void acceptsQcow2() throws Exception {
        Path image = create("qcow2", "2G");
        write(image, "qcow2", "0 1M");

        Inspection inspection = inspector.inspect(image, "qcow2", LIMIT);

        String sum = HostCommand.of("sha256sum", image.toString()).run().output();
        assertThat(inspection).isEqualTo(new Inspection("qcow2", 2 * GIB, Files.size(image), sum.substring(0, 64)));
    }

    @Test
    void acceptsCompressedAndOldQcow2() throws Exception {
        Path source = create("qcow2", "64M");
        write(source, "qcow2", "0 8M");
        Path compressed = directory.resolve("compressed");
        qemuImg("convert", "-c", "-O", "qcow2", source.toString(), compressed.toString());
        Path old = directory.resolve("old");
        qemuImg("convert", "-O", "qcow2", "-o", "compat=0.10", source.toString(), old.toString());

        assertThat(inspector.inspect(compressed, "qcow2", LIMIT).virtualSizeBytes())
                .isEqualTo(64 << 20);
        assertThat(inspector.inspect(old, "qcow2", LIMIT).virtualSizeBytes()).isEqualTo(64 << 20);
    }

    @Test
    void acceptsRaw() throws Exception {
        Path image = create("raw", "3M");

        assertThat(inspector.inspect(image, "raw", LIMIT).virtualSizeBytes()).isEqualTo(3 << 20);
    }

    @Test
    void refusesBackingFile() throws Exception {
        Path base = create("qcow2", "64M");
        Path overlay = directory.resolve("overlay");
        qemuImg("create", "-f", "qcow2", "-b", base.toString(), "-F", "qcow2", overlay.toString());

        refused(overlay, "qcow2", "backing file");
    }

    @Test
    void refusesBackingFileThatIsNotThere() throws Exception {
        Path overlay = directory.resolve("overlay");
        qemuImg("create", "-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", overlay.toString(), "64M");

        refused(overlay, "qcow2", "backing file");
    }

    @Test
    void refusesExternalDataFile() throws Exception {
        Path image = directory.resolve("split");
        qemuImg(
                "create",
                "-f",
                "qcow2",
                "-o",
                "data_file=" + directory.resolve("data") + ",data_file_raw=on",
                image.toString(),
                "64M");

        refused(image, "qcow2", "another file");
    }

    @Test
    void refusesDataFileNamedWithoutTheFlag() throws Exception {
        Path image = directory.resolve("split");
        qemuImg("create", "-f", "qcow2", "-o", "data_file=" + directory.resolve("data"), image.toString(), "64M");
        overwrite(image, 72, new byte[8]);

        refused(image, "qcow2", "another file");
    }

    @Test
    void refusesEncryption() throws Exception {
        Path image = directory.resolve("secret");
        qemuImg(
                "create",
                "-f",
                "qcow2",
                "--object",
                "secret,id=key,data=hidden",
                "-o",
                "encrypt.format=aes,encrypt.key-secret=key",
                image.toString(),
                "8M");

        refused(image, "qcow2", "encrypted");
    }

    @ParameterizedTest
    @CsvSource({"1, not closed properly", "2, damaged"})
    void refusesDirtyAndCorrupt(int flag, String reason) throws Exception {
        Path image = create("qcow2", "64M");
        overwrite(image, 79, new byte[] {(byte) flag});

        refused(image, "qcow2", reason);
    }

    @Test
    void refusesSnapshotsInside() throws Exception {
        Path image = create("qcow2", "64M");
        qemuImg("snapshot", "-c", "before", image.toString());

        refused(image, "qcow2", "snapshots");
    }

    @Test
    void refusesNoSpaceAndTooMuch() throws Exception {
        refused(create("qcow2", "0"), "qcow2", "without any space");
        refused(create("qcow2", "101G"), "qcow2", "limit of 100 GiB");
    }

    @Test
    void refusesAnExbibyte() throws Exception {
        Path image = directory.resolve("huge");
        qemuImg("create", "-f", "qcow2", "-o", "cluster_size=2M", image.toString(), "1E");

        refused(image, "qcow2", "larger than the limit");
        overwrite(image, 24, HexFormat.of().parseHex("ffffffffffffffff"));
        refused(image, "qcow2", "larger than the limit");
    }

    @Test
    void refusesTruncatedQcow2() throws Exception {
        Path image = create("qcow2", "64M");
        write(image, "qcow2", "0 8M");
        for (long length : new long[] {Files.size(image) - (1 << 20), 300_000, 65_536, 80, 10}) {
            truncate(image, length);

            assertThatThrownBy(() -> inspector.inspect(image, "qcow2", LIMIT))
                    .as("%d bytes", length)
                    .isInstanceOf(RejectedImageException.class);
        }
    }

    @Test
    void refusesTruncatedCompressedQcow2() throws Exception {
        Path source = create("raw", "8M");
        HostCommand.of("dd", "if=/dev/urandom", "of=" + source, "bs=1M", "count=8")
                .run();
        Path image = directory.resolve("compressed");
        qemuImg("convert", "-c", "-f", "raw", "-O", "qcow2", source.toString(), image.toString());
        inspector.inspect(image, "qcow2", LIMIT);
        truncate(image, Files.size(image) / 2);

        refused(image, "qcow2", "damaged or cut off");
    }

    @Test
    void refusesTruncatedRaw() throws Exception {
        Path odd = create("raw", "3M");
        truncate(odd, (3 << 20) - 100);
        refused(odd, "raw", "cut off");

        Path partitioned = create("raw", "3M");
        overwrite(partitioned, 510, new byte[] {0x55, (byte) 0xAA});
        overwrite(partitioned, 446, HexFormat.of().parseHex("80000000830000000008000000f80000"));
        refused(partitioned, "raw", "cut off");
    }

    @Test
    void refusesGptBeyondTheEnd() throws Exception {
        Path image = create("raw", "3M");
        overwrite(image, 510, new byte[] {0x55, (byte) 0xAA});
        overwrite(image, 512, "EFI PART".getBytes(StandardCharsets.US_ASCII));
        overwrite(image, 512 + 32, HexFormat.of().parseHex("ff17000000000000"));
        assertThat(inspector.inspect(image, "raw", LIMIT).format()).isEqualTo("raw");

        overwrite(image, 512 + 32, HexFormat.of().parseHex("0018000000000000"));
        refused(image, "raw", "cut off");
    }

    @ParameterizedTest
    @CsvSource({
        "qcow2, Choose qcow2 instead",
        "vmdk, a VMDK image",
        "vdi, a VDI image",
        "vhdx, a VHDX image",
        "vpc, a VHD image"
    })
    void refusesOtherFormatsAsRaw(String format, String reason) throws Exception {
        refused(create(format, "64M"), "raw", reason);
    }

    @Test
    void refusesOtherFormatsAsQcow2() throws Exception {
        refused(create("raw", "1M"), "qcow2", "not a qcow2 image");
        refused(create("vmdk", "1M"), "qcow2", "not a qcow2 image");
        refused(create("qcow2", "1M"), "vmdk", "qcow2 or raw");
        refused(Files.createFile(directory.resolve("empty")), "qcow2", "empty");
    }

    /** A text that says where the data is: QEMU would open whatever it names. */
    @ParameterizedTest
    @ValueSource(strings = {"# Disk DescriptorFile\nversion=1\n", "version=1\n", "#x\n\r\n   \nversion=3\n"})
    void refusesVmdkDescriptorsAsRaw(String start) throws Exception {
        Path image = create("raw", "1M");
        overwrite(
                image,
                0,
                (start
                                + "CID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 8 FLAT \"/etc/passwd\" 0\n")
                        .getBytes(StandardCharsets.US_ASCII));
        refused(image, "raw", "a VMDK image");
        refused(image, "qcow2", "not a qcow2 image");
    }

    /** Small files whose headers speak of tables that no memory holds. */
    @ParameterizedTest
    @CsvSource({
        "24, 7fffffffffffffff, larger than the limit",
        "24, 0010000000000000, larger than the limit",
        "36, ffffffff, damaged or cut off",
        "36, 7ffffff0, damaged or cut off",
        "40, 7fffffffffff0000, damaged or cut off",
        "48, 7fffffffffff0000, damaged or cut off",
        "56, ffffffff, damaged or cut off",
        "56, 00800000, damaged or cut off",
        "20, 0000003f, damaged or cut off",
        "96, 0000003f, damaged or cut off",
        "100, ffffffff, damaged or cut off"
    })
    void refusesQcow2Bombs(long position, String bytes, String reason) throws Exception {
        Path image = create("qcow2", "64M");
        overwrite(image, position, HexFormat.of().parseHex(bytes));
        refused(image, "qcow2", reason);
    }

    /** What is packed is never unpacked, so it can't become larger than it is. */
    @ParameterizedTest
    @CsvSource({"504b0304, zip", "fd377a585a00, xz", "425a68, bzip2", "28b52ffd, zstd", "377abcaf271c, 7z"})
    void refusesArchives(String start, String format) throws Exception {
        Path image = create("raw", "1M");
        overwrite(image, 0, HexFormat.of().parseHex(start));
        refused(image, "raw", "packed (" + format + ")");
        refused(image, "qcow2", "not a qcow2 image");
        refused(image, "kernel", "");
    }

    @Test
    void refusesPackedImages() throws Exception {
        Path image = create("raw", "1M");
        HostCommand.of("gzip", "-k", image.toString()).run();

        refused(Path.of(image + ".gz"), "raw", "packed (gzip)");
    }

    @Test
    void refusesLinks() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), create("raw", "1M"));

        refused(link, "raw", "not an ordinary file");
    }

    private void refused(Path image, String format, String reason) {
        assertThatThrownBy(() -> inspector.inspect(image, format, LIMIT))
                .isInstanceOf(RejectedImageException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining(directory.toString());
    }

    private Path create(String format, String size) throws IOException {
        Path image = Files.createTempFile(directory, "image", "." + format);
        qemuImg("create", "-f", format, image.toString(), size);
        return image;
    }

    private static void write(Path image, String format, String what) {
        HostCommand.Result result = HostCommand.of(
                        "qemu-io", "-f", format, "-c", "write -P 7 " + what, image.toString())
                .run();
        assertThat(result.succeeded()).as(result.errors()).isTrue();
    }

    private static void qemuImg(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "qemu-img";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        HostCommand.Result result = HostCommand.of(command).run();
        assertThat(result.succeeded()).as(result.errors()).isTrue();
    }

    private static void overwrite(Path image, long position, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(position);
            file.write(bytes);
        }
    }

    private static void truncate(Path image, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }
}
