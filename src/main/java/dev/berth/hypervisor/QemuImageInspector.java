package dev.berth.hypervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jboss.logging.Logger;

/**
 * Refuses images that point at other files, that are not what they are declared to be, or that are damaged. It reads
 * headers itself first; {@code qemu-img}, under limits, has the second look.
 */
@Singleton
public class QemuImageInspector implements ImageInspector {
    private static final Logger LOG = Logger.getLogger(QemuImageInspector.class);
    private static final long MEMORY_BYTES = 1L << 30;
    private static final Duration INFO_TIME = Duration.ofSeconds(10);
    private static final Duration CHECK_TIME = Duration.ofSeconds(120);

    /** {@code qemu-img check} ends so when clusters are marked in use that nothing uses, which harms nobody. */
    private static final int ONLY_LEAKS = 3;

    private static final int BUFFER_BYTES = 1 << 20;

    private final ObjectMapper json = new ObjectMapper();

    @Override
    public Inspection inspect(Path file, String declaredFormat, long maxVirtualSizeBytes)
            throws RejectedImageException {
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new RejectedImageException("The image is not an ordinary file. Send the file itself.");
            }
            long fileSize = Files.size(file);
            if (fileSize == 0) {
                throw new RejectedImageException("The image is empty. Send it again.");
            }
            long virtualSize =
                    switch (declaredFormat) {
                        case "qcow2" -> checkQcow2(file, maxVirtualSizeBytes);
                        case "raw" -> checkRaw(file, fileSize, maxVirtualSizeBytes);
                        case "kernel" -> LinuxBoot.checkKernel(file, fileSize);
                        case "initrd" -> LinuxBoot.checkInitrd(file, fileSize);
                        default ->
                            throw new RejectedImageException(
                                    "Images are qcow2 or raw. Convert this one with \"qemu-img convert -O qcow2\".");
                    };
            return new Inspection(declaredFormat, virtualSize, fileSize, digest(file));
        } catch (IOException e) {
            LOG.error("An image could not be read", e);
            throw new HypervisorException(
                    HypervisorException.Reason.FAILED, "The image could not be read on the server. Try again.", e);
        }
    }

    private long checkQcow2(Path file, long limit) throws IOException, RejectedImageException {
        Qcow2Header header = Qcow2Header.read(file)
                .orElseThrow(() -> new RejectedImageException(
                        "The file is not a qcow2 image. Choose raw if it is a plain disk image, or convert it with"
                                + " \"qemu-img convert -O qcow2\"."));
        refuseHeader(header);
        refuseSize(header.virtualSizeBytes(), limit);
        refuseInfo(info(file, "qcow2"), header.virtualSizeBytes());
        refuseDamage(file);
        return header.virtualSizeBytes();
    }

    private static void refuseHeader(Qcow2Header header) throws RejectedImageException {
        if (header.version() != 2 && header.version() != 3) {
            throw new RejectedImageException("The image is of a qcow version that is not supported."
                    + " Convert it with \"qemu-img convert -O qcow2\".");
        }
        if (header.hasBackingFile()) {
            throw new RejectedImageException("The image is only the difference to another file, its backing file."
                    + " Make it stand alone with \"qemu-img convert -O qcow2\".");
        }
        if (header.has(Qcow2Header.EXTERNAL_DATA) || header.namesDataFile()) {
            throw new RejectedImageException("The image keeps its data in another file."
                    + " Make it stand alone with \"qemu-img convert -O qcow2\".");
        }
        if (header.encrypted()) {
            throw new RejectedImageException("The image is encrypted. Decrypt it with \"qemu-img convert\" first.");
        }
        if (header.has(Qcow2Header.CORRUPT) || header.has(Qcow2Header.DIRTY)) {
            throw new RejectedImageException("The image is marked as damaged or was not closed properly."
                    + " Repair it with \"qemu-img check -r all\" and send it again.");
        }
        if (header.snapshots() != 0) {
            throw new RejectedImageException("The image has snapshots inside, which would stay in every machine."
                    + " Drop them with \"qemu-img convert -O qcow2\".");
        }
    }

    private long checkRaw(Path file, long fileSize, long limit) throws IOException, RejectedImageException {
        RawImage.refuse(file, fileSize);
        refuseSize(fileSize, limit);
        refuseInfo(info(file, "raw"), fileSize);
        return fileSize;
    }

    private static void refuseSize(long virtualSize, long limit) throws RejectedImageException {
        if (virtualSize == 0) {
            throw new RejectedImageException("The image describes a disk without any space. Send another.");
        }
        if (virtualSize < 0 || virtualSize > limit) {
            throw new RejectedImageException("The image describes a disk that is larger than the limit of "
                    + Math.max(1, limit >> 30) + " GiB. Shrink it with \"qemu-img resize --shrink\" or ask an admin.");
        }
    }

    /** What {@code qemu-img} sees has to be what the header said. */
    private void refuseInfo(JsonNode info, long virtualSize) throws RejectedImageException {
        JsonNode specific = info.path("format-specific").path("data");
        boolean same = info.path("virtual-size").asLong(-1) == virtualSize;
        boolean alone = !info.has("backing-filename")
                && !info.has("full-backing-filename")
                && !specific.has("data-file")
                && !specific.has("encrypt");
        boolean sound = !info.path("encrypted").asBoolean()
                && !info.path("dirty-flag").asBoolean()
                && !specific.path("corrupt").asBoolean()
                && info.path("snapshots").isEmpty();
        if (!same || !alone || !sound) {
            throw new RejectedImageException(
                    "The image contradicts itself. Make a clean copy with \"qemu-img convert\".");
        }
    }

    private JsonNode info(Path file, String format) throws RejectedImageException {
        HostCommand.Result result = HostCommand.of(
                        "qemu-img",
                        "info",
                        "--output=json",
                        "-f",
                        format,
                        file.toAbsolutePath().toString())
                .limited(MEMORY_BYTES, INFO_TIME)
                .timeout(INFO_TIME)
                .run();
        if (!result.succeeded()) {
            throw unreadable(result);
        }
        return parse(result.output());
    }

    private static void refuseDamage(Path file) throws RejectedImageException {
        HostCommand.Result result = HostCommand.of(
                        "qemu-img",
                        "check",
                        "--output=json",
                        "-f",
                        "qcow2",
                        file.toAbsolutePath().toString())
                .limited(MEMORY_BYTES, CHECK_TIME)
                .timeout(CHECK_TIME)
                .run();
        if (result.timedOut() || (result.exitCode() != 0 && result.exitCode() != ONLY_LEAKS)) {
            throw unreadable(result);
        }
    }

    private static RejectedImageException unreadable(HostCommand.Result result) {
        LOG.infof(
                "qemu-img refused an image: %d %s",
                result.exitCode(), result.errors().lines().findFirst().orElse(""));
        return new RejectedImageException("The image is damaged or cut off. Check it with \"qemu-img check\" where it"
                + " comes from and send it again.");
    }

    private JsonNode parse(String output) throws RejectedImageException {
        try {
            return json.readTree(output);
        } catch (JsonProcessingException e) {
            throw new RejectedImageException(
                    "The image could not be understood. Make a clean copy with" + " \"qemu-img convert\".");
        }
    }

    private static String digest(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
