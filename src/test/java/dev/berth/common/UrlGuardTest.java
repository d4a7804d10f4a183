package dev.berth.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.common.UrlGuard.RefusedException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Berth calls for others, and what it does not. */
class UrlGuardTest {
    private static final UrlGuard STRICT = new UrlGuard(Set.of("https"), List.of(), "some.key");

    /** This machine, private networks and cloud metadata, in the ways in which they can be written. */
    @Test
    void whatIsNotPublicIsRefusedHoweverItIsWritten() {
        for (String host : List.of(
                "127.0.0.1",
                "2130706433",
                "0x7f000001",
                "0.0.0.0",
                "0.1.2.3",
                "10.1.2.3",
                "100.64.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "192.168.1.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "localhost",
                "[::]",
                "[::1]",
                "[::127.0.0.1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:169.254.169.254]",
                "[64:ff9b::169.254.169.254]",
                "[64:ff9b:1::a00:1]",
                "[2002:7f00:1::]",
                "[2002:a9fe:a9fe::]",
                "[2001:0:7f00:1::]",
                "[fc00::1]",
                "[fe80::1]",
                "[ff02::1]")) {
            assertThatThrownBy(() -> STRICT.resolve(URI.create("https://" + host + "/")))
                    .as(host)
                    .isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void whatIsPublicOrNamedIsCalledAtTheAddressThatWasJudged() throws RefusedException {
        UrlGuard.Target target = STRICT.resolve(URI.create("https://8.8.8.8/a?b=c"));
        assertThat(target.address().getHostAddress()).isEqualTo("8.8.8.8");
        assertThat(target.port()).isEqualTo(443);
        assertThat(target.pathAndQuery()).isEqualTo("/a?b=c");
        UrlGuard named = new UrlGuard(Set.of("http"), List.of("127.0.0.0/8"), "some.key");
        assertThat(named.resolve(URI.create("http://127.0.0.9:81")).port()).isEqualTo(81);
        assertThatThrownBy(() -> named.resolve(URI.create("http://10.0.0.1/")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("some.key");
        assertThatThrownBy(() -> named.resolve(URI.create("https://127.0.0.9/")))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void whatIsNoAddressIsNone() {
        for (String text :
                List.of("", "x", "//host/x", "https:///x", "https://a:0/", "https://a:70000/", "file:/etc")) {
            assertThat(UrlGuard.parse(text)).as(text).isEmpty();
        }
        assertThat(UrlGuard.parse(null)).isEmpty();
    }
}
