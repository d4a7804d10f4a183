package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a worker has written to whole devices, one small file for each disk in its own directory: a device has no room for
 * a mark of ours that its guest could not overwrite.
 */
final class DeviceRecords {
    /** How far a device is. */
    enum State {
        FILLING,
        WHOLE,
        WIPING
    }

    record DeviceRecord(UUID volume, UUID profileId, String place, State state) {}

    private final Path directory;

    DeviceRecords(Path workerDirectory) {
        this.directory = workerDirectory.resolve("devices");
    }

    Optional<DeviceRecord> find(UUID volume) {
        return read(directory.resolve(volume.toString()));
    }

    List<DeviceRecord> all() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.getFileName().toString().endsWith(".new"))
                    .map(DeviceRecords::read)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static Optional<DeviceRecord> read(Path file) {
        try {
            Map<String, String> lines = Files.readAllLines(file).stream()
                    .map(line -> line.split("=", 2))
                    .filter(parts -> parts.length == 2)
                    .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
            return Optional.of(new DeviceRecord(
                    UUID.fromString(file.getFileName().toString()),
                    UUID.fromString(lines.get("profile")),
                    lines.get("device"),
                    State.valueOf(lines.get("state"))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Is on the worker's own disk when this returns. */
    void write(DeviceRecord record) {
        Path file = directory.resolve(record.volume().toString());
        Path fresh = directory.resolve(record.volume() + ".new");
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
            Files.writeString(
                    fresh,
                    "state=%s%nprofile=%s%ndevice=%s%n".formatted(record.state(), record.profileId(), record.place()));
            sync(fresh, StandardOpenOption.WRITE);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            sync(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    void forget(UUID volume) {
        try {
            if (Files.deleteIfExists(directory.resolve(volume.toString()))) {
                sync(directory, StandardOpenOption.READ);
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static void sync(Path file, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(file, option)) {
            channel.force(true);
        }
    }

    private static HypervisorException failure(IOException e) {
        return new HypervisorException(
                Reason.FAILED, "The worker's record of devices could not be written or read.", e);
    }
}
