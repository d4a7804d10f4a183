package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest says of its disk is taken for two rates or for nothing. */
class GuestBenchTest {
    private static String encoded(String output) {
        return Base64.getEncoder().encodeToString(output.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsFourTimes() {
        assertThat(GuestBench.speed(encoded("10.00 11.00 11.50 11.75\n")))
                .contains(new GuestSpeed(64L << 20, 4 * (64L << 20)));
        assertThat(GuestBench.speed(encoded("10.00 10.00 9.00 8.00")))
                .as("never faster than its clock can tell")
                .contains(new GuestSpeed(100 * (64L << 20), 100 * (64L << 20)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1.00 2.00 3.00", "1.00 2.00 3.00 NaN", "-1.00 2.00 3.00 4.00", "1e9.00 2.00 3.00 4.00"})
    void takesNothingElse(String output) {
        assertThat(GuestBench.speed(encoded(output))).isEmpty();
        assertThat(GuestBench.speed("<" + output)).isEmpty();
        assertThat(GuestBench.speed("A".repeat(1_000_000))).isEmpty();
    }
}
