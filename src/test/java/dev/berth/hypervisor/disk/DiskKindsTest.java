package dev.berth.hypervisor.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.XmlTemplates;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What kinds promise by their abilities. */
class DiskKindsTest {
    static Stream<DiskKind> kinds() {
        XmlTemplates templates = new XmlTemplates();
        return Stream.of(
                new RawDisk(templates),
                new Qcow2Disk(templates),
                new BlockDisk(templates),
                new PartitionDisk(templates),
                new LvmDisk(templates),
                new IscsiDisk(templates));
    }

    /** Clones and moves are offered on every kind that a machine can start from. */
    @ParameterizedTest
    @MethodSource("kinds")
    void canBeFilledIfAMachineCanStartFromIt(DiskKind kind) throws NoSuchMethodException {
        assertThat(kind.abilities()).contains(Ability.SYSTEM_DISK);
        assertThat(kind.getClass()
                        .getMethod("fill", DiskSpec.class, BlockSource.class, LibvirtHost.class, Progress.class)
                        .getDeclaringClass())
                .isNotEqualTo(DiskKind.class);
    }
}
