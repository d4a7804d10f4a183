package dev.berth.hypervisor.disk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The whole block devices that the worker's machine has, each by the path that is likeliest to stay. */
final class HostDevices {
    private static final Set<String> TYPES = Set.of("disk", "mpath");
    private static final List<Path> STABLE = List.of(Path.of("/dev/disk/by-id"), Path.of("/dev/disk/by-path"));
    private static final ObjectMapper JSON = new ObjectMapper();

    private HostDevices() {}

    static List<DeviceLook> list() {
        HostCommand.Result result = HostCommand.of("lsblk", "--json", "--bytes", "-o", "PATH,TYPE,SIZE")
                .timeout(Duration.ofSeconds(30))
                .run();
        try {
            List<DeviceLook> found = new ArrayList<>();
            add(
                    JSON.readTree(result.output().isBlank() ? "{}" : result.output())
                            .path("blockdevices"),
                    found);
            return found;
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "What the host says of its devices can't be read.", e);
        }
    }

    private static void add(JsonNode devices, List<DeviceLook> found) {
        for (JsonNode device : devices) {
            if (TYPES.contains(device.path("type").asText())
                    && device.path("size").asLong() > 0) {
                BlockDevice.find(stable(device.path("path").asText()))
                        .map(one -> one.look(false))
                        .ifPresent(found::add);
            }
            add(device.path("children"), found);
        }
    }

    private static String stable(String path) {
        return STABLE.stream()
                .flatMap(directory -> leadingTo(directory, Path.of(path)).stream())
                .findFirst()
                .orElse(path);
    }

    private static Optional<String> leadingTo(Path directory, Path device) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> links = Files.list(directory)) {
            Path real = device.toRealPath();
            return links.sorted()
                    .filter(link -> {
                        try {
                            return link.toRealPath().equals(real);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .map(Path::toString)
                    .filter(BlockDevice::isPath)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
