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
import org.junit.jupiter.params.provider.ValueSource;

class MacvtapNetworkTest {
    private static final Map<String, String> GOOD =
            Map.of("dev", "eth1", "macStart", "52:54:00:a0:00:00", "macEnd", "52:54:00:a0:ff:ff");
    private static final Map<String, String> QBG =
            with(GOOD, "mode", "vepa", "managerid", "0", "typeid", "16777215", "typeidversion", "255");
    private static final String INSTANCE = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f";

    private final MacvtapNetwork kind = new MacvtapNetwork(new XmlTemplates());

    @ParameterizedTest
    @ValueSource(strings = {"", "vepa", "bridge", "private", "passthrough"})
    void takesEveryMode(String mode) throws IOException {
        Map<String, String> config = with(GOOD, "mode", mode);
        assertThat(kind.validate(config)).isEmpty();
        assertThat(render(config).attribute("source", "mode")).isEqualTo(mode.isEmpty() ? "bridge" : mode);
        assertThat(kind.cardsPerHost(config)).isEqualTo(mode.equals("passthrough") ? 1 : Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({
        "dev, '', Write the name",
        "dev, eth 1, Write the name",
        "mode, fast, Choose one of bridge",
        "managerid, 256, from 0 to 255",
        "managerid, '', from 0 to 255",
        "typeid, 16777216, from 0 to 16777215",
        "typeid, 99999999999, from 0 to 16777215",
        "typeidversion, -1, from 0 to 255",
        "typeidversion, 01, from 0 to 255",
        "instanceid, 1234, Write a UUID",
        "profileid, finance, 802.1Qbg or 802.1Qbh"
    })
    void saysWhatIsWrong(String field, String value, String problem) {
        assertThat(kind.validate(with(QBG, field, value)).get(field)).contains(problem);
    }

    @Test
    void announcesCardsBy8021Qbg() {
        assertThat(kind.validate(QBG)).isEmpty();
        LibvirtXml card = render(QBG);
        assertThat(card.attribute("virtualport", "type")).isEqualTo("802.1Qbg");
        assertThat(card.attribute("virtualport/parameters", "typeid")).isEqualTo("16777215");
        assertThat(card.attribute("virtualport/parameters", "instanceid"))
                .isEqualTo(render(QBG).attribute("virtualport/parameters", "instanceid"));

        Map<String, String> single = with(QBG, "instanceid", INSTANCE);
        assertThat(kind.validate(single)).isEmpty();
        assertThat(kind.cardsPerHost(single)).isEqualTo(1);
        assertThat(render(single).attribute("virtualport/parameters", "instanceid"))
                .isEqualTo(INSTANCE);
    }

    @Test
    void announcesCardsBy8021Qbh() {
        Map<String, String> config = with(GOOD, "profileid", "finance");
        assertThat(kind.validate(config)).isEmpty();
        assertThat(render(config).attribute("virtualport", "type")).isEqualTo("802.1Qbh");
        assertThat(render(config).attribute("virtualport/parameters", "profileid"))
                .isEqualTo("finance");
        assertThat(render(with(GOOD)).all("virtualport")).isEmpty();
        assertThat(kind.validate(with(GOOD, "profileid", "two words"))).containsOnlyKeys("profileid");
    }

    /** It has to be read before the kind is chosen. */
    @Test
    void saysThatHostAndGuestAreApart() {
        assertThat(kind.traits().price()).contains("its own host can't reach each other");
        assertThat(kind.fit().reachesHost()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "2.6.33, false",
        "2.6.34, true",
        "2.6.34-rc1, true",
        "2.4.37, false",
        "3.0, true",
        "6.1.0-50-cloud-amd64, true"
    })
    void knowsTheFirstKernelWithIt(String kernel, boolean enough) {
        assertThat(MacvtapCheck.isNewEnough(kernel)).isEqualTo(enough);
    }

    private LibvirtXml render(Map<String, String> config) {
        return LibvirtXml.parse(kind.render(Cards.nic("macvtap", config, null)));
    }

    @Test
    @Tag("hypervisor")
    void isValidForLibvirt() throws IOException {
        Cards.assertValid(kind.render(Cards.nic("macvtap", with(GOOD, "inboundAverage", "1000"), null)));
        Cards.assertValid(kind.render(Cards.nic("macvtap", QBG, null)));
        Cards.assertValid(kind.render(Cards.nic("macvtap", with(QBG, "instanceid", INSTANCE), null)));
        Cards.assertValid(kind.render(Cards.nic("macvtap", with(GOOD, "profileid", "a<&>b"), null)));
    }
}
