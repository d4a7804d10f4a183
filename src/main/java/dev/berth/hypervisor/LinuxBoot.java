package dev.berth.hypervisor;

import dev.berth.hypervisor.ImageInspector.RejectedImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * Looks at kernels and initial RAM disks that somebody sent. QEMU takes a file apart by what its beginning says, so only
 * beginnings that are a Linux kernel's or an archive's get there; what they do then, they do inside the machine.
 *
 * @see <a href="https://docs.kernel.org/arch/x86/boot.html">The Linux/x86 boot protocol</a>
 */
final class LinuxBoot {
    private static final long MOST_KERNEL_BYTES = 128L << 20;
    private static final long MOST_INITRD_BYTES = 1L << 30;

    private static final int SETUP_SECTORS = 0x1F1;
    private static final int BOOT_FLAG = 0x1FE;
    private static final int BOOT_MAGIC = 0xAA55;
    private static final int HEADER = 0x202;
    private static final int VERSION = 0x206;
    /** From this on a kernel takes a command line of any place in memory. */
    private static final int OLDEST_VERSION = 0x0202;

    private static final int LOAD_FLAGS = 0x211;
    private static final int LOADED_HIGH = 1;
    private static final int HEAD_BYTES = 1_024;
    private static final int SECTOR_BYTES = 512;
    private static final int SECTORS_WHEN_ZERO = 4;

    /** cpio (plain), gzip, xz, zstd, lz4 as the kernel's own, bzip2, lzma, lzop. */
    private static final List<String> ARCHIVES = List.of(
            "303730373031",
            "303730373032",
            "1f8b08",
            "fd377a585a00",
            "28b52ffd",
            "02214c18",
            "425a68",
            "5d0000",
            "894c5a4f");

    private LinuxBoot() {}

    /** @return 0: it is no disk */
    static long checkKernel(Path file, long fileSize) throws IOException, RejectedImageException {
        if (fileSize > MOST_KERNEL_BYTES) {
            throw new RejectedImageException("The file is larger than a kernel: at most 128 MiB are taken.");
        }
        ByteBuffer head = head(file);
        boolean header = head.limit() == HEAD_BYTES
                && (head.getShort(BOOT_FLAG) & 0xFFFF) == BOOT_MAGIC
                && "HdrS".equals(ascii(head, HEADER));
        if (!header) {
            throw new RejectedImageException("The file is not a Linux kernel for x86. Send the one that a boot loader"
                    + " takes, a bzImage: on most systems /boot/vmlinuz.");
        }
        boolean modern =
                (head.getShort(VERSION) & 0xFFFF) >= OLDEST_VERSION && (head.get(LOAD_FLAGS) & LOADED_HIGH) != 0;
        if (!modern) {
            throw new RejectedImageException("The kernel is too old to be started like this. Send a newer one.");
        }
        int sectors = head.get(SETUP_SECTORS) & 0xFF;
        if ((long) SECTOR_BYTES * ((sectors == 0 ? SECTORS_WHEN_ZERO : sectors) + 1) >= fileSize) {
            throw new RejectedImageException("The kernel is cut off. Send it again.");
        }
        return 0;
    }

    /** @return 0: it is no disk */
    static long checkInitrd(Path file, long fileSize) throws IOException, RejectedImageException {
        if (fileSize > MOST_INITRD_BYTES) {
            throw new RejectedImageException("The file is larger than 1024 MiB, more than is taken.");
        }
        ByteBuffer head = head(file);
        String start = HexFormat.of().formatHex(head.array(), 0, head.limit());
        if (ARCHIVES.stream().noneMatch(start::startsWith)) {
            throw new RejectedImageException("The file is not an initial RAM disk. Send a cpio archive, as it is or"
                    + " compressed: on most systems /boot/initrd.img or initramfs.img.");
        }
        return 0;
    }

    private static ByteBuffer head(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return ByteBuffer.wrap(stream.readNBytes(HEAD_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static String ascii(ByteBuffer head, int at) {
        return new String(head.array(), at, "HdrS".length(), StandardCharsets.US_ASCII);
    }
}
