package dev.berth.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressRangeTest {
    @Test
    void knowsWhatIsPublic() throws UnknownHostException {
        for (String address : List.of("8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111")) {
            assertThat(AddressRange.isPublic(InetAddress.getByName(address)))
                    .as(address)
                    .isTrue();
        }
        for (String address : List.of(
                "0.0.0.0",
                "10.255.255.255",
                "100.64.0.1",
                "127.0.0.2",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "198.19.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "2001::1",
                "2002:7f00:1::",
                "fc00::1",
                "fe80::1",
                "ff02::1")) {
            assertThat(AddressRange.isPublic(InetAddress.getByName(address)))
                    .as(address)
                    .isFalse();
        }
    }

    @Test
    void holdsWhatItSays() throws UnknownHostException {
        AddressRange range = AddressRange.of("10.1.128.0/17");
        assertThat(range.contains(InetAddress.getByName("10.1.200.1"))).isTrue();
        assertThat(range.contains(InetAddress.getByName("10.1.127.1"))).isFalse();
        assertThat(range.contains(InetAddress.getByName("::1"))).isFalse();
        for (String nonsense : List.of("10.0.0.0", "10.0.0.0/33", "example.org/8", "10.0.0.0/x", "")) {
            assertThatThrownBy(() -> AddressRange.of(nonsense)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
