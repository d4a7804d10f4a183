package dev.berth.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Resource;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final LocalDate TODAY = LocalDate.parse("2030-03-31");

    private static Forecast forecast(long used, long limit, int days, LongUnaryOperator usedDaysAgo) {
        Map<LocalDate, Long> history = new HashMap<>();
        for (int ago = 0; ago < days; ago++) {
            history.put(TODAY.minusDays(ago), usedDaysAgo.applyAsLong(ago));
        }
        return Forecast.of(new QuotaUse(QuotaLine.of(Resource.VCPUS), limit, used, 0, false), history, TODAY);
    }

    @Test
    void goesOnAsItWent() {
        assertThat(forecast(30, 40, 30, ago -> 30 - ago).day()).isEqualTo(TODAY.plusDays(10));
        assertThat(forecast(30, 40, 30, ago -> 30 - ago).words())
                .isEqualTo("In about 10 days, on 10 Apr 2030, at this rate.");
        assertThat(forecast(39, 40, 5, ago -> 39 - 2 * ago).words()).contains("1 day,");
    }

    @Test
    void saysWhenItCantTell() {
        assertThat(forecast(30, 40, 30, ago -> 30).words()).isEqualTo("Not at this rate.");
        assertThat(forecast(10, 40, 30, ago -> 10 + ago).words()).isEqualTo("Not at this rate.");
        assertThat(forecast(1, 1_000_000, 30, ago -> ago == 0 ? 1 : 0).words()).isEqualTo("Not at this rate.");
        assertThat(forecast(30, 40, 2, ago -> 30 - ago).words()).startsWith("Not known yet");
        assertThat(forecast(30, 40, 0, ago -> 0).day()).isNull();
        assertThat(forecast(40, 40, 30, ago -> 40 - ago).words()).isEqualTo("Met already.");
    }
}
