package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.StorageSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What the worker has written to whole LUNs, which carry no name of ours: a small file for each volume, in the worker's
 * directory. It is there before the first byte and stays until the last one is wiped.
 */
final class LunNotes {
    private static final String WHOLE = "whole ";
    private static final String FILLING = "filling ";

    private LunNotes() {}

    private static Path directory(StorageSpec storage, LibvirtHost host) {
        return host.directory().resolve("luns").resolve(storage.profileId().toString());
    }

    private static Path file(DiskSpec disk, LibvirtHost host) {
        return directory(disk.storage(), host).resolve(disk.volume().toString());
    }

    static boolean isWhole(DiskSpec disk, LibvirtHost host) {
        return text(disk, host)
                .filter(text -> text.equals(WHOLE + disk.place()))
                .isPresent();
    }

    /** Whether anything was written for the disk and not wiped yet. */
    static boolean isThere(DiskSpec disk, LibvirtHost host) {
        return text(disk, host).isPresent();
    }

    static void filling(DiskSpec disk, LibvirtHost host) {
        write(disk, host, FILLING);
    }

    static void whole(DiskSpec disk, LibvirtHost host) {
        write(disk, host, WHOLE);
    }

    static void gone(DiskSpec disk, LibvirtHost host) {
        try {
            Files.deleteIfExists(file(disk, host));
        } catch (IOException e) {
            throw failure(host, e);
        }
    }

    static Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        Set<UUID> volumes = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(storage, host), "*-*-*-*-????????????")) {
            files.forEach(file -> volumes.add(UUID.fromString(file.getFileName().toString())));
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw failure(host, e);
        }
        return volumes;
    }

    private static Optional<String> text(DiskSpec disk, LibvirtHost host) {
        try {
            return Optional.of(Files.readString(file(disk, host)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure(host, e);
        }
    }

    private static void write(DiskSpec disk, LibvirtHost host, String state) {
        Path file = file(disk, host);
        Path fresh = file.resolveSibling("." + file.getFileName());
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(fresh, state + disk.place());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure(host, e);
        }
    }

    private static HypervisorException failure(LibvirtHost host, IOException e) {
        return new HypervisorException(
                Reason.FAILED, "The worker of host " + host.name() + " can't read or write in its own directory.", e);
    }
}
