package dev.berth.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void showsWhatWouldSteer() {
        assertThat(Printable.of("\u001b[31mred\u001b]0;title\u0007\r\n\0\t\u0085\u009b2J\u007f"))
                .isEqualTo("\u241b[31mred\u241b]0;title\u2407\u240d\n\u2400\u2409\ufffd\ufffd2J\ufffd");
        assertThat(Printable.of("a\u202eb\u2066c\u200bd\u2028e\ud800"))
                .isEqualTo("a\ufffdb\ufffdc\ufffdd\ufffde\ufffd");
    }

    @Test
    void leavesTextAsItIs() {
        String text = "Gr\u00f6\u00dfe: 5 GiB, \u65e5\u672c, \ud83d\ude00 <b>\"'&";
        assertThat(Printable.of(text)).isEqualTo(text);
        assertThat(Printable.of("x".repeat(1_000_000))).hasSize(2_000);
    }
}
