package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HostStorage.Device;
import dev.berth.hypervisor.HostStorage.Directory;
import dev.berth.hypervisor.HostStorage.Group;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the tools say of a host's storage, and what is offered of it. */
class HostStorageLookTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void offersADirectoryOnEachFileSystemThatHasRoom() throws Exception {
        assertThat(
                        HostStorageLook.directories(
                                JSON.readTree(
                                        """
                                {"filesystems": [
                                  {"target": "/", "fstype": "ext4", "size": 2000000000, "avail": 1000000000, "options": "rw,relatime"},
                                  {"target": "/srv/big", "fstype": "xfs", "size": 4000000000, "avail": 3, "options": "rw"},
                                  {"target": "/srv/read", "fstype": "xfs", "size": 4000000000, "avail": 3, "options": "ro,noatime"},
                                  {"target": "/boot/efi", "fstype": "ext4", "size": 4000000000, "avail": 3, "options": "rw"},
                                  {"target": "/srv/a b", "fstype": "ext4", "size": 4000000000, "avail": 3, "options": "rw"},
                                  {"target": "/srv/memory", "fstype": "tmpfs", "size": 4000000000, "avail": 3, "options": "rw"},
                                  {"target": "/srv/small", "fstype": "ext4", "size": 4000, "avail": 3, "options": "rw"}]}""")))
                .containsExactly(
                        new Directory("/srv/big/berth-disks", 4_000_000_000L, 3),
                        new Directory("/var/lib/berth/disks", 2_000_000_000L, 1_000_000_000L));
    }

    @Test
    void readsVolumeGroups() throws Exception {
        assertThat(
                        HostStorageLook.groups(
                                JSON.readTree(
                                        """
                                {"report": [{"vg": [{"vg_name": "vg1", "vg_size": "107374182400", "vg_free": "4194304"}]}]}""")))
                .containsExactly(new Group("vg1", 107_374_182_400L, 4_194_304));
    }

    @Test
    void saysWhatDevicesHold() throws Exception {
        assertThat(HostStorageLook.devices(
                        JSON.readTree(
                                """
                                {"blockdevices": [
                                  {"name": "sdb", "path": "/dev/sdb", "type": "disk", "size": 5, "model": "Fast ", "fstype": null, "pttype": null, "mountpoint": null, "ro": false},
                                  {"name": "sda", "path": "/dev/sda", "type": "disk", "size": 9, "model": null, "fstype": null, "pttype": "gpt", "mountpoint": null, "ro": false,
                                   "children": [{"name": "sda1", "mountpoint": null, "fstype": "ext4"}, {"name": "sda2", "mountpoint": "/", "fstype": "ext4"}]},
                                  {"name": "sdc", "path": "/dev/sdc", "type": "disk", "size": 9, "model": null, "fstype": "LVM2_member", "pttype": null, "mountpoint": null, "ro": false},
                                  {"name": "sdd", "path": "/dev/sdd", "type": "disk", "size": 9, "model": null, "fstype": null, "pttype": "dos", "mountpoint": null, "ro": false},
                                  {"name": "sde", "path": "/dev/sde", "type": "disk", "size": 9, "model": null, "fstype": "swap", "pttype": null, "mountpoint": "[SWAP]", "ro": false},
                                  {"name": "sr0", "path": "/dev/sr0", "type": "rom", "size": 9, "model": null, "fstype": null, "pttype": null, "mountpoint": null, "ro": false},
                                  {"name": "zram0", "path": "/dev/zram0", "type": "disk", "size": 0, "model": null, "fstype": null, "pttype": null, "mountpoint": null, "ro": false}]}"""),
                        Map.of("/dev/sdb", "/dev/disk/by-id/ata-Fast_1")))
                .containsExactly(
                        new Device("/dev/sda", "sda", 9, "", "mounted at /"),
                        new Device("/dev/disk/by-id/ata-Fast_1", "sdb", 5, "Fast", ""),
                        new Device("/dev/sdc", "sdc", 9, "", "holds LVM2_member"),
                        new Device("/dev/sdd", "sdd", 9, "", "has partitions"),
                        new Device("/dev/sde", "sde", 9, "", "in use as swap"));
    }

    @Test
    void looksAtThisHost() {
        assertThat(HostStorageLook.take().directories()).isNotEmpty();
    }
}
