package dev.berth.hypervisor.network;

import static dev.berth.hypervisor.network.Cards.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.XmlTemplates;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OvsNetworkTest {
    private static final Map<String, String> GOOD =
            Map.of("bridge", "ovs0", "macStart", "52:54:00:a0:00:00", "macEnd", "52:54:00:a0:ff:ff");

    private final OvsNetwork kind = new OvsNetwork(new XmlTemplates());

    @ParameterizedTest
    @CsvSource({"'', '', ''", "42, '', ''", "'', '1, 4094', ''", "'', '42,43', 43", "'', 42, 42"})
    void takesGoodSettings(String vlan, String trunk, String nativeVlan) {
        assertThat(kind.validate(with(GOOD, "vlan", vlan, "trunk", trunk, "nativeVlan", nativeVlan)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, '', '', vlan, from 1 to 4094",
        "4095, '', '', vlan, from 1 to 4094",
        "4096, '', '', vlan, from 1 to 4094",
        "42, '42, 43', '', trunk, one VLAN or a trunk",
        "'', '42, 0', '', trunk, from 1 to 4094",
        "'', '42, 4095', '', trunk, from 1 to 4094",
        "'', '42, 4096', '', trunk, from 1 to 4094",
        "'', '42, 42', '', trunk, each once",
        "'', '42,', '', trunk, from 1 to 4094",
        "'', '42, 43', 44, nativeVlan, one of the trunk's",
        "'', '42, 43', 0, nativeVlan, one of the trunk's",
        "'', '', 42, nativeVlan, Only a trunk",
        "42, '', 42, nativeVlan, Only a trunk"
    })
    void saysWhatIsWrongWithVlans(String vlan, String trunk, String nativeVlan, String field, String problem) {
        assertThat(kind.validate(with(GOOD, "vlan", vlan, "trunk", trunk, "nativeVlan", nativeVlan))
                        .get(field))
                .contains(problem);
    }

    @ParameterizedTest
    @CsvSource(
            value = {"two words", "it's", "a\"b", "a\\b", "1234567890123456789012345678901234567890"},
            quoteCharacter = '~')
    void saysWhatIsWrongWithAPortProfile(String profile) {
        assertThat(kind.validate(with(GOOD, "profileid", profile)).get("profileid"))
                .contains("up to 39");
    }

    @Test
    void givesEachCardAPortOfItsOwn() {
        LibvirtXml card = render(with(GOOD, "profileid", "web"));
        assertThat(card.attribute("virtualport", "type")).isEqualTo("openvswitch");
        assertThat(card.attribute("virtualport/parameters", "profileid")).isEqualTo("web");
        assertThat(card.attribute("virtualport/parameters", "interfaceid"))
                .isEqualTo(render(with(GOOD)).attribute("virtualport/parameters", "interfaceid"))
                .isNotEqualTo(Cards.MACHINE.toString());
        assertThat(card.all("vlan")).isEmpty();
    }

    @Test
    void rendersVlans() {
        LibvirtXml access = render(with(GOOD, "vlan", "42"));
        assertThat(access.attribute("vlan", "trunk")).isEmpty();
        assertThat(access.attribute("vlan/tag", "id")).isEqualTo("42");

        LibvirtXml trunk = render(with(GOOD, "trunk", "42, 43", "nativeVlan", "43"));
        assertThat(trunk.attribute("vlan", "trunk")).isEqualTo("yes");
        assertThat(trunk.all("vlan/tag"))
                .extracting(tag -> tag.getAttribute("id") + tag.getAttribute("nativeMode"))
                .containsExactly("42", "43untagged");
        assertThat(render(with(GOOD, "trunk", "42")).attribute("vlan", "trunk")).isEqualTo("yes");
    }

    private LibvirtXml render(Map<String, String> config) {
        return LibvirtXml.parse(kind.render(Cards.nic("ovs", config, null)));
    }

    @Test
    @Tag("hypervisor")
    void isValidForLibvirt() throws IOException {
        Cards.assertValid(kind.render(Cards.nic("ovs", with(GOOD), null)));
        Cards.assertValid(kind.render(Cards.nic("ovs", with(GOOD, "vlan", "42", "profileid", "web<&>"), null)));
        Cards.assertValid(kind.render(
                Cards.nic("ovs", with(GOOD, "trunk", "42, 43", "nativeVlan", "42", "outboundAverage", "1000"), null)));
    }
}
