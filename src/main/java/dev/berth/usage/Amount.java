package dev.berth.usage;

/** What was used, in hours of one vCPU, of one GiB of memory and of one GiB of disk. */
public record Amount(double vcpuHours, double memoryGibHours, double diskGibHours) {
    static final Amount NONE = new Amount(0, 0, 0);

    Amount plus(Amount other) {
        return new Amount(
                vcpuHours + other.vcpuHours, memoryGibHours + other.memoryGibHours, diskGibHours + other.diskGibHours);
    }
}
