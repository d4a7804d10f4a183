package dev.berth.hypervisor.network;

import static dev.berth.hypervisor.network.Cards.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.GuestAddress;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.XmlTemplates;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeNetworkTest {
    private static final Map<String, String> GOOD =
            Map.of("bridge", "br0", "macStart", "52:54:00:a0:00:00", "macEnd", "52:54:00:a0:ff:ff");

    private static final Map<String, String> RANGE = Map.of(
            "subnet", "192.0.2.0/24",
            "gateway", "192.0.2.1",
            "dns", "192.0.2.53, 192.0.2.54",
            "rangeStart", "192.0.2.100",
            "rangeEnd", "192.0.2.102");

    private final BridgeNetwork kind = new BridgeNetwork(new XmlTemplates());

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "42", "4094"})
    void takesGoodSettings(String vlan) {
        assertThat(kind.validate(with(GOOD, "vlan", vlan))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "bridge, '', Write the name",
        "bridge, a-bridge-too-far, Write the name",
        "bridge, br/0, Write the name",
        "bridge, -br0, Write the name",
        "vlan, 0, from 1 to 4094",
        "vlan, 4095, from 1 to 4094",
        "vlan, 4096, from 1 to 4094",
        "vlan, 042, from 1 to 4094",
        "vlan, x, from 1 to 4094",
        "isolation, maybe, on or off",
        "macStart, 53:54:00:a0:00:00, multicast",
        "macStart, 50:54:00:a0:00:00, universally administered",
        "macEnd, 52:54:00:a0:00, Write a MAC address",
        "macEnd, 52:53:00:a0:00:00, before the first",
        "subnet, 192.0.2.7/24, network address and a prefix",
        "rangeStart, 192.0.2.300, Write an IPv4 address",
        "inboundAverage, 0, whole number",
        "inboundPeak, x, whole number"
    })
    void saysWhatIsWrong(String field, String value, String problem) {
        assertThat(kind.validate(with(GOOD, field, value)).get(field)).contains(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "rangeStart, 198.51.100.1, within 192.0.2.0/24",
        "rangeEnd, 192.0.2.99, before the first",
        "rangeStart, 192.0.2.1, The gateway lies in the range",
        "gateway, 192.0.2.101, The gateway lies in the range",
        "dns, ::1, IPv4 addresses"
    })
    void saysWhatIsWrongWithARange(String field, String value, String problem) {
        Map<String, String> config = with(with(GOOD, field, value));
        RANGE.forEach(config::putIfAbsent);
        assertThat(kind.validate(config).values())
                .anySatisfy(text -> assertThat(text).contains(problem));
    }

    @Test
    void saysWhatLimitsNeed() {
        assertThat(kind.validate(with(GOOD, "inboundPeak", "5"))).containsOnlyKeys("inboundAverage");
        assertThat(kind.validate(with(GOOD, "outboundAverage", "9", "outboundPeak", "5")))
                .containsOnlyKeys("outboundPeak");
    }

    @Test
    void givesAddressesOnlyWhereItIsToldTo() {
        Map<String, String> config = with(GOOD);
        assertThat(kind.addresses(config)).isEmpty();
        assertThat(kind.guestAddress(Cards.nic("bridge", config, null))).isEqualTo(GuestAddress.DHCP);

        config.putAll(RANGE);
        assertThat(kind.validate(config)).isEmpty();
        assertThat(kind.addresses(config)).containsExactly("192.0.2.100", "192.0.2.101", "192.0.2.102");
        assertThat(kind.guestAddress(Cards.nic("bridge", config, "192.0.2.101")))
                .isEqualTo(new GuestAddress("192.0.2.101/24", "192.0.2.1", List.of("192.0.2.53", "192.0.2.54")));
        assertThat(kind.macs(config)).isEqualTo(Optional.of(new MacRange(0x525400A00000L, 0x525400A0FFFFL)));
    }

    /** libvirt can't put it into the VLAN, so it must not come up by itself. */
    @Test
    void startsACardWithAVlanUnplugged() {
        assertThat(link(with(GOOD))).isEqualTo("up");
        assertThat(link(with(GOOD, "vlan", "42"))).isEqualTo("down");
    }

    private String link(Map<String, String> config) {
        return LibvirtXml.parse(kind.render(Cards.nic("bridge", config, null))).attribute("link", "state");
    }

    @Test
    @Tag("hypervisor")
    void isValidForLibvirt() throws IOException {
        Cards.assertValid(kind.render(Cards.nic("bridge", with(GOOD), null)));
        Cards.assertValid(kind.render(Cards.nic(
                "bridge",
                with(
                        GOOD,
                        "vlan",
                        "42",
                        "inboundAverage",
                        "1000",
                        "inboundPeak",
                        "2000",
                        "inboundBurst",
                        "500",
                        "outboundAverage",
                        "1000"),
                "192.0.2.100")));
    }

    @Test
    void keepsHostileTextInItsPlace() {
        String hostile = "a&b<c>\"d\"'e'/><x/>";
        LibvirtXml card = LibvirtXml.parse(kind.render(Cards.nic("bridge", with(GOOD, "bridge", hostile), null)));
        assertThat(card.attribute("source", "bridge")).isEqualTo(hostile);
        assertThat(card.all("x")).isEmpty();
    }
}
