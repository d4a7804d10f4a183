package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import java.time.Duration;

/** Puts bytes on a device. The caller has claimed it. */
final class DeviceFill {
    private DeviceFill() {}

    /**
     * Writes all of the device: zeros where the source does not reach.
     *
     * @param disk the one that the device, which is as large at least, is to hold
     * @param from null for zeros alone
     * @throws HypervisorException {@code REJECTED} if the source is larger than the disk
     */
    static void fill(BlockDevice device, DiskSpec disk, BlockSource from, Progress progress) {
        if (from == null) {
            DeviceWipe.zero(device, 0, device.bytes(), progress);
            return;
        }
        long bytes = BaseImages.fitting(disk, from);
        long rest = bytes - bytes % DeviceWipe.MEBIBYTE;
        long zeros = device.bytes() - rest;
        DeviceWipe.zero(device, rest, device.bytes(), (done, total) -> progress.at(done, zeros + bytes));
        QemuImg.fill(
                from,
                bytes,
                new BlockSource("raw", device.real().toString()),
                (done, total) -> progress.at(zeros + done, zeros + bytes));
        HostCommand.of("blockdev", "--flushbufs", device.real().toString())
                .timeout(Duration.ofHours(1))
                .run();
    }
}
