package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccelerationProbeTest {
    @TempDir
    private Path directory;

    @Test
    void isAnEmulatedHostWithoutTheDevice() {
        AccelerationProbe probe = new AccelerationProbe(directory, directory.resolve("kvm"));

        assertThat(probe.kvmWorks("7.2.0")).isFalse();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    @Tag("hypervisor")
    void bootsOnceAndRemembersUntilQemuChanges() throws Exception {
        AccelerationProbe probe = new AccelerationProbe(directory, Path.of("/dev/null"));
        boolean works = probe.kvmWorks("1");
        Path remembered = directory.resolve("acceleration");
        String answer = Files.readString(remembered);
        assertThat(answer.strip()).endsWith(works ? " 1 kvm" : " 1 qemu");

        Files.writeString(
                remembered,
                answer.replaceAll("(kvm|qemu)$", works ? "qemu" : "kvm").strip());
        Instant before = Instant.now();
        assertThat(probe.kvmWorks("1")).isEqualTo(!works);
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(1));

        assertThat(probe.kvmWorks("2")).isEqualTo(works);
    }

    /** The same boot sector under emulation, which always works: the probe would notice a KVM that does. */
    @Test
    @Tag("hypervisor")
    void bootSectorEndsQemuWithItsCode() throws Exception {
        Path sector = Files.write(directory.resolve("boot.img"), AccelerationProbe.bootSector());
        HostCommand.Result result = AccelerationProbe.boot(sector, "tcg", "max", Duration.ofSeconds(5));

        assertThat(result.exitCode()).as(result.errors()).isEqualTo(AccelerationProbe.EXPECTED_EXIT);
    }
}
