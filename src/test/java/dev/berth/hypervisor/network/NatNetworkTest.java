package dev.berth.hypervisor.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.XmlTemplates;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NatNetworkTest {
    private static final Map<String, String> GOOD =
            Map.of("cidr", "10.20.0.0/24", "rangeStart", "10.20.0.10", "rangeEnd", "10.20.0.12");

    private final NatNetwork kind = new NatNetwork(new XmlTemplates());

    @Test
    void takesGoodSettings() {
        assertThat(kind.validate(GOOD)).isEmpty();
        assertThat(kind.addresses(GOOD)).containsExactly("10.20.0.10", "10.20.0.11", "10.20.0.12");
    }

    @ParameterizedTest
    @CsvSource({
        "cidr, '', network address and a prefix",
        "cidr, 10.20.0.5/24, network address and a prefix",
        "cidr, 10.20.0.0/33, network address and a prefix",
        "cidr, 10.20.0/24, network address and a prefix",
        "cidr, 10.20.0.256/24, network address and a prefix",
        "cidr, 10.0.0.0/8, prefix length",
        "cidr, 10.20.0.0/30, prefix length",
        "cidr, 8.8.8.0/24, private range",
        "cidr, 172.32.0.0/16, private range",
        "rangeStart, 10.20.1.10, within 10.20.0.0/24",
        "rangeStart, 10.20.0.0, within 10.20.0.0/24",
        "rangeStart, 10.20.0.1, the network's gateway",
        "rangeStart, 10.20.0.020, Write an IPv4 address",
        "rangeStart, ::1, Write an IPv4 address",
        "rangeEnd, 10.20.0.255, within 10.20.0.0/24",
        "rangeEnd, 10.20.0.9, before the first",
        "forwardPorts, 20000, first and the last port",
        "forwardPorts, 80-90, from 1024",
        "forwardPorts, 20999-20000, first and the last port",
        "forwardAddress, vms.example.org:80, host name or an IPv4 address",
        "forwardAddress, -x, host name or an IPv4 address"
    })
    void saysWhatIsWrong(String field, String value, String problem) {
        assertThat(kind.validate(with(field, value)).get(field)).contains(problem);
    }

    @Test
    void tenantsMayOpenPortsWhereAnAdminNamedSome() {
        assertThat(kind.forwardPorts(GOOD)).isEmpty();
        assertThat(kind.validate(with("forwardPorts", "20000-20999"))).isEmpty();
        assertThat(kind.forwardPorts(with("forwardPorts", "20000-20999"))).contains(new PortRange(20_000, 20_999));
        assertThat(kind.validate(with("forwardAddress", "vms.example.org"))).isEmpty();
        assertThat(kind.forwardAddress(with("forwardAddress", "192.0.2.7"))).isEqualTo("192.0.2.7");
    }

    @Test
    void namesEveryMissingSetting() {
        assertThat(kind.validate(Map.of())).containsOnlyKeys("cidr", "rangeStart", "rangeEnd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "10.20.0.1'/>", "1e1.2.3.4"})
    void handsOutNothingUnderBadSettings(String start) {
        assertThatThrownBy(() -> kind.addresses(with("rangeStart", start)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Map<String, String> with(String field, String value) {
        Map<String, String> config = new HashMap<>(GOOD);
        config.put(field, value);
        return config;
    }
}
