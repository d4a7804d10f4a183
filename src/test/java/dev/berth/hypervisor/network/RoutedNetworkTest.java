package dev.berth.hypervisor.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.XmlTemplates;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutedNetworkTest {
    private static final Map<String, String> GOOD =
            Map.of("cidr", "10.30.0.0/24", "rangeStart", "10.30.0.10", "rangeEnd", "10.30.0.12");

    private final RoutedNetwork kind = new RoutedNetwork(new XmlTemplates());

    @Test
    void takesPrivateAndPublicRanges() {
        assertThat(kind.validate(GOOD)).isEmpty();
        assertThat(kind.addresses(GOOD)).containsExactly("10.30.0.10", "10.30.0.11", "10.30.0.12");
        assertThat(kind.validate(
                        Map.of("cidr", "198.51.100.0/24", "rangeStart", "198.51.100.2", "rangeEnd", "198.51.100.9")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.5.0.0/24", "169.254.0.0/16", "224.0.0.0/16", "240.0.0.0/16", "0.0.0.0/16"})
    void refusesRangesThatNoMachineCanHave(String cidr) {
        assertThat(kind.validate(with("cidr", cidr)).get("cidr")).contains("No machine can have");
    }

    @ParameterizedTest
    @CsvSource({
        "cidr, 10.30.0.5/24, network address and a prefix",
        "rangeStart, 10.31.0.10, within 10.30.0.0/24",
        "nextHop, 192.0.2, IPv4 address",
        "nextHop, 127.0.0.1, IPv4 address",
        "nextHop, 10.30.0.1, outer network",
        "probeTarget, 224.0.0.1, IPv4 address",
        "probeTarget, '192.0.2.1; reboot', IPv4 address",
        "probeTarget, 10.30.0.9, outer network",
        "isolation, perhaps, on or off",
        "inboundPeak, 100, average"
    })
    void saysWhatIsWrong(String field, String value, String problem) {
        assertThat(kind.validate(with(field, value)).values())
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void writesTheRouteForEachRouter() {
        assertThat(Routes.lines("10.30.0.0/22", "192.0.2.7"))
                .extracting(line -> line.router() + ": " + line.line())
                .containsExactly(
                        "Linux: ip route add 10.30.0.0/22 via 192.0.2.7",
                        "Cisco IOS: ip route 10.30.0.0 255.255.252.0 192.0.2.7",
                        "Juniper Junos: set routing-options static route 10.30.0.0/22 next-hop 192.0.2.7",
                        "MikroTik RouterOS: /ip route add dst-address=10.30.0.0/22 gateway=192.0.2.7",
                        "FRRouting: ip route 10.30.0.0/22 192.0.2.7",
                        "VyOS: set protocols static route 10.30.0.0/22 next-hop 192.0.2.7");
    }

    @Test
    void wantsForwardingUnlessLibvirtTurnsItOn() {
        assertThat(RoutedNetwork.forwardingProblems("h1", true, false)).isEmpty();
        assertThat(RoutedNetwork.forwardingProblems("h1", false, true)).isEmpty();
        assertThat(RoutedNetwork.forwardingProblems("h1", false, false))
                .singleElement()
                .asString()
                .contains("h1", "sysctl -w net.ipv4.ip_forward=1");
    }

    private static Map<String, String> with(String field, String value) {
        Map<String, String> config = new HashMap<>(GOOD);
        config.put(field, value);
        return config;
    }
}
