package dev.berth.hypervisor.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.XmlTemplates;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the {@code lvm} kind says and refuses without any volume group. */
class LvmDiskTest {
    private final LvmDisk kind = new LvmDisk(new XmlTemplates());

    private static StorageSpec storage(String group) {
        return new StorageSpec(UUID.randomUUID(), "fast", "lvm", Map.of("group", group));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-vg",
                "..",
                "a/b",
                "vg 0",
                "vg;reboot",
                "@tag",
                "vg\n",
                "a-name-that-is-too-long-for-device-mapper"
            })
    void refusesWhatIsNoGroup(String name) {
        assertThat(kind.validate(Map.of("group", name))).containsOnlyKeys("group");
        assertThatThrownBy(() -> kind.render(disk(storage(name)))).isInstanceOf(HypervisorException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vg0", "data-1", "a.b_c+d"})
    void takesNamesOfGroups(String name) {
        assertThat(kind.validate(Map.of("group", name))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "101", "5 %", "-1", "1e2"})
    void refusesWhatIsNoShare(String percent) {
        assertThat(kind.validate(Map.of("group", "vg0", "snapshotPercent", percent)))
                .containsOnlyKeys("snapshotPercent");
        assertThat(kind.validate(Map.of("group", "vg0", "snapshotPercent", "100", "snapshotDays", "14")))
                .isEmpty();
        assertThat(kind.validate(Map.of("group", "vg0", "snapshotDays", percent.equals("101") ? "0" : percent)))
                .containsOnlyKeys("snapshotDays");
    }

    @Test
    void aDiskIsTheVolumeOfItsName() {
        DiskSpec disk = disk(storage("vg0"));
        assertThat(kind.render(disk))
                .contains("type='block'", "<source dev='/dev/vg0/berth-" + disk.volume() + "'/>", "type='raw'");
    }

    private static DiskSpec disk(StorageSpec storage) {
        return new DiskSpec(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), "vda", 1, storage, null, "");
    }
}
