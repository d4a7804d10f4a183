package dev.berth.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** What an hour of each costs. */
public record Prices(String currency, BigDecimal vcpuHour, BigDecimal memoryGibHour, BigDecimal diskGibHour) {
    /** Rounded to hundredths. */
    public BigDecimal cost(Amount amount) {
        return vcpuHour.multiply(BigDecimal.valueOf(amount.vcpuHours()))
                .add(memoryGibHour.multiply(BigDecimal.valueOf(amount.memoryGibHours())))
                .add(diskGibHour.multiply(BigDecimal.valueOf(amount.diskGibHours())))
                .setScale(2, RoundingMode.HALF_UP);
    }
}
