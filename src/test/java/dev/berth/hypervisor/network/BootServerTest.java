package dev.berth.hypervisor.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.XmlTemplates;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an admin may say of network boot: it ends up in a DHCP server's own file. */
class BootServerTest {
    private final NetworkKind nat = new NatNetwork(new XmlTemplates());
    private final NetworkKind bridge = new BridgeNetwork(new XmlTemplates());

    @ParameterizedTest
    @CsvSource({
        "boot.ipxe,10.0.0.5,''",
        "boot.ipxe,'',/srv/tftp/berth",
        "pxelinux.0,10.0.0.5,''",
        "http://boot.example.org/menu.ipxe?os=live,'',''",
    })
    void takesAServerADirectoryOrAnAddress(String file, String server, String directory) {
        assertThat(nat.validate(config(file, server, directory))).isEmpty();
        assertThat(nat.boots(config(file, server, directory))).isTrue();
    }

    @Test
    void doesWithout() {
        assertThat(nat.validate(config("", "", ""))).isEmpty();
        assertThat(nat.boots(config("", "", ""))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,b", "a b", "a\ndhcp-script=/x", "\"a", "-a", "#a", "a'"})
    void refusesFilesThatTheServerWouldReadOtherwise(String file) {
        assertThat(nat.validate(config(file, "10.0.0.5", ""))).containsKey("bootFile");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/etc", "relative/path", "/srv/../etc", "/srv/tftp,x", "/srv/tf tp", "/srv/tftp/"})
    void refusesDirectories(String directory) {
        assertThat(nat.validate(config("boot.ipxe", "", directory))).containsKey("bootDirectory");
    }

    @Test
    void refusesHalfOfIt() {
        assertThat(nat.validate(config("boot.ipxe", "", ""))).containsKey("bootFile");
        assertThat(nat.validate(config("", "10.0.0.5", ""))).containsKey("bootFile");
        assertThat(nat.validate(config("boot.ipxe", "boot.example.org", ""))).containsKey("bootServer");
        assertThat(nat.validate(config("boot.ipxe", "10.0.0.5", "/srv/tftp/berth")))
                .containsKey("bootDirectory");
    }

    @Test
    void believesTheAdminOfOuterNetworks() {
        assertThat(bridge.boots(Map.of("networkBoot", "yes"))).isTrue();
        assertThat(bridge.boots(Map.of())).isFalse();
        assertThat(bridge.validate(Map.of("networkBoot", "perhaps"))).containsKey("networkBoot");
    }

    private static Map<String, String> config(String file, String server, String directory) {
        Map<String, String> config =
                new HashMap<>(Map.of("cidr", "10.20.0.0/24", "rangeStart", "10.20.0.10", "rangeEnd", "10.20.0.99"));
        config.put("bootFile", file);
        config.put("bootServer", server);
        config.put("bootDirectory", directory);
        return config;
    }
}
