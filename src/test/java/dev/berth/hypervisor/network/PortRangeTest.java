package dev.berth.hypervisor.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortRangeTest {
    @Test
    void readsARange() {
        PortRange range = PortRange.parse("20000-20999").orElseThrow();
        assertThat(range).isEqualTo(new PortRange(20_000, 20_999)).hasToString("20000-20999");
        assertThat(range.contains(20_000)).isTrue();
        assertThat(range.contains(20_999)).isTrue();
        assertThat(range.contains(19_999)).isFalse();
        assertThat(range.contains(21_000)).isFalse();
        assertThat(PortRange.parse("1024-65535")).isPresent();
        assertThat(PortRange.parse("20000-20000")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "20000",
                "20000-",
                "20999-20000",
                "1023-2000",
                "20000-65536",
                "20000 - 20999",
                "a-b",
                "2-99999"
            })
    void takesNothingElse(String text) {
        assertThat(PortRange.parse(text)).isEmpty();
    }
}
