package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import java.time.Duration;

/** Puts bytes on a device. The caller has claimed it. */
final class DeviceFill {
    private DeviceFill() {}

    /**
     * Writes all of the device: zeros where the source does not reach.
     *
     * @param from no larger than the device; null for zeros alone
     */
    static void fill(BlockDevice device, BlockSource from, Progress progress) {
        if (from == null) {
            DeviceWipe.zero(device, 0, device.bytes(), progress);
            return;
        }
        long bytes = QemuImg.virtualSize(from);
        long rest = bytes - bytes % DeviceWipe.MEBIBYTE;
        long zeros = device.bytes() - rest;
        DeviceWipe.zero(device, rest, device.bytes(), (done, total) -> progress.at(done, zeros + bytes));
        QemuImg.fill(
                from,
                new BlockSource("raw", device.real().toString()),
                (done, total) -> progress.at(zeros + done, zeros + bytes));
        HostCommand.of("blockdev", "--flushbufs", device.real().toString())
                .timeout(Duration.ofHours(1))
                .run();
    }
}
