package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.testing.Parallel;
import dev.berth.testing.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many machines from one image at once: the image stays what it is. */
@Tag("hypervisor")
class SharedBaseLiveTest {
    private static final int MACHINES = 20;
    private static final int STARTED = 3;

    /** What must not change of a file. */
    private record Fixed(String stamp, String digest, Object owner, Object group, Object mode) {
        static Fixed of(Path file) throws IOException {
            return new Fixed(
                    ImageFiles.stamp(file).orElseThrow(),
                    ImageFiles.digest(file),
                    Files.getAttribute(file, "unix:uid"),
                    Files.getAttribute(file, "unix:gid"),
                    Files.getAttribute(file, "unix:mode"));
        }
    }

    @Test
    void theBaseStaysWhatItIs() throws IOException {
        try (LiveHost host = new LiveHost()) {
            Path base = Files.copy(World.GUEST, host.directory.resolve("base.qcow2"));
            Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("r--r--r--"));
            Fixed before = Fixed.of(base);
            BaseImage image = new BaseImage(base.toString(), "qcow2");
            host.hypervisor.ensureStorage(host.storage);
            host.hypervisor.ensureNetwork(host.network);
            List<DomainSpec> machines = new ArrayList<>();
            for (int i = 0; i < MACHINES; i++) {
                machines.add(host.machine("many" + i, 20 + i, image));
            }

            Parallel.run(MACHINES, i -> {
                host.hypervisor.ensureDisk(machines.get(i).disks().get(0), Progress.NONE);
                return i;
            });
            assertThat(host.hypervisor.volumes(host.storage)).hasSize(MACHINES);
            assertThat(machines)
                    .allMatch(machine ->
                            host.hypervisor.diskExists(machine.disks().get(0)));
            List<DomainSpec> started = machines.subList(0, STARTED);
            for (DomainSpec machine : started) {
                host.prepare(machine);
                host.hypervisor.start(machine.machineId());
            }
            assertThat(started).allSatisfy(machine -> assertThat(host.hypervisor.state(machine.machineId()))
                    .contains(DomainState.RUNNING));
            assertThat(Fixed.of(base)).as("while machines run on it").isEqualTo(before);

            machines.forEach(host::remove);
            assertThat(host.hypervisor.volumes(host.storage)).isEmpty();
            assertThat(Fixed.of(base)).as("when all are gone").isEqualTo(before);

            // What the watch looks for shows, whichever way somebody writes.
            Files.write(base, new byte[] {0}, StandardOpenOption.APPEND);
            Fixed longer = Fixed.of(base);
            assertThat(longer.stamp()).isNotEqualTo(before.stamp());
            assertThat(longer.digest()).isNotEqualTo(before.digest());
        }
    }
}
