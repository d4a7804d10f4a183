package dev.berth.hypervisor;

import dev.berth.hypervisor.ImageInspector.RejectedImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What may not pass for a raw disk: other formats that something could later guess, archives, and cut-off disks. */
final class RawImage {
    private static final int SECTOR = 512;
    private static final int MBR_TABLE = 446;
    private static final int MBR_ENTRY = 16;
    private static final int PROTECTIVE = 0xEE;
    private static final int VHD_FOOTER = 512;

    /** How another format's file begins. */
    private record Signature(String format, int offset, byte[] bytes) {
        static Signature of(String format, int offset, String text) {
            return new Signature(format, offset, text.getBytes(StandardCharsets.ISO_8859_1));
        }

        boolean matches(byte[] start) {
            int end = offset + bytes.length;
            return start.length >= end && Arrays.equals(start, offset, end, bytes, 0, bytes.length);
        }
    }

    private static final List<Signature> DISK_FORMATS = List.of(
            Signature.of("qcow2", 0, "QFI\u00fb"),
            Signature.of("VMDK", 0, "KDMV"),
            Signature.of("VMDK", 0, "COWD"),
            Signature.of("VMDK", 0, "# Disk DescriptorFile"),
            Signature.of("VHDX", 0, "vhdxfile"),
            Signature.of("VHD", 0, "conectix"),
            Signature.of("VDI", 64, "\u007f\u0010\u00da\u00be"),
            Signature.of("QED", 0, "QED\0"),
            Signature.of("Parallels", 0, "WithoutFreeSpace"),
            Signature.of("Parallels", 0, "WithouFreSpacExt"),
            Signature.of("LUKS", 0, "LUKS\u00ba\u00be"));

    private static final List<Signature> ARCHIVES = List.of(
            Signature.of("gzip", 0, "\u001f\u008b"),
            Signature.of("xz", 0, "\u00fd7zXZ\0"),
            Signature.of("bzip2", 0, "BZh"),
            Signature.of("zstd", 0, "\u0028\u00b5\u002f\u00fd"),
            Signature.of("zip", 0, "PK\u0003\u0004"),
            Signature.of("7z", 0, "7z\u00bc\u00af\u0027\u001c"),
            Signature.of("tar", 257, "ustar"));

    private RawImage() {}

    static void refuse(Path file, long size) throws IOException, RejectedImageException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            byte[] start = read(channel, 0, 2 * SECTOR);
            refuseFormats(start);
            if (size >= VHD_FOOTER
                    && new Signature("VHD", 0, "conectix".getBytes(StandardCharsets.US_ASCII))
                            .matches(read(channel, size - VHD_FOOTER, VHD_FOOTER))) {
                throw otherFormat("VHD");
            }
            if (size % SECTOR != 0 || endsBeyond(start, size)) {
                throw new RejectedImageException("The image is cut off: its end is missing. Send it again.");
            }
        }
    }

    private static void refuseFormats(byte[] start) throws RejectedImageException {
        for (Signature format : DISK_FORMATS) {
            if (format.matches(start)) {
                throw otherFormat(format.format());
            }
        }
        if (isVmdkDescriptor(start)) {
            throw otherFormat("VMDK");
        }
        for (Signature archive : ARCHIVES) {
            if (archive.matches(start)) {
                throw new RejectedImageException("The file is packed (" + archive.format()
                        + "), not a disk image. Unpack it and send the image.");
            }
        }
    }

    /** QEMU takes a text for one that has only comments and empty lines before its version. */
    private static boolean isVmdkDescriptor(byte[] start) {
        return new String(start, StandardCharsets.ISO_8859_1)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .findFirst()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("version="))
                .isPresent();
    }

    private static RejectedImageException otherFormat(String format) {
        return new RejectedImageException("The file is a " + format + " image, not a raw one. "
                + (format.equals("qcow2")
                        ? "Choose qcow2 instead."
                        : "Convert it with \"qemu-img convert -O qcow2\" and send the result as qcow2."));
    }

    /** Whether the partition table, GPT or MBR, speaks of sectors behind the file's end. */
    private static boolean endsBeyond(byte[] start, long size) {
        if (start.length < 2 * SECTOR || (start[510] & 0xFF) != 0x55 || (start[511] & 0xFF) != 0xAA) {
            return false;
        }
        ByteBuffer disk = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        if (Signature.of("GPT", SECTOR, "EFI PART").matches(start)) {
            long backupHeader = disk.getLong(SECTOR + 32);
            return backupHeader < 0 || backupHeader >= size / SECTOR;
        }
        for (int entry = 0; entry < 4; entry++) {
            int offset = MBR_TABLE + entry * MBR_ENTRY;
            int type = start[offset + 4] & 0xFF;
            long end =
                    Integer.toUnsignedLong(disk.getInt(offset + 8)) + Integer.toUnsignedLong(disk.getInt(offset + 12));
            if (type != 0 && type != PROTECTIVE && isPartition(start[offset]) && end > size / SECTOR) {
                return true;
            }
        }
        return false;
    }

    /** A boot sector without a table has code there; a table's status byte is one of two. */
    private static boolean isPartition(byte status) {
        return status == 0 || (status & 0xFF) == 0x80;
    }

    private static byte[] read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
            // until the buffer is full or the file ends
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
