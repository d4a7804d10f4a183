package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XmlTemplatesTest {
    private final XmlTemplates templates = new XmlTemplates();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&<>\"'",
                "]]>",
                "--><!--",
                "a\nb\r\tc",
                "'/><graphics type='vnc' listen='0.0.0.0'/><a b='",
                "{name} {#if true}x{/if} {inject:config}",
                "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
                "\u00e9\u4e2d\ud83d\ude00"
            })
    void keepsAnyTextAValue(String text) {
        String xml = templates.render("device", "graphics", Map.of("socket", text));

        LibvirtXml parsed = LibvirtXml.parse(xml);
        assertThat(parsed.root().getAttribute("socket")).isEqualTo(text);
        assertThat(parsed.root().hasChildNodes()).isFalse();
    }

    @Test
    void replacesWhatXmlCannotHold() {
        String xml = templates.render("device", "graphics", Map.of("socket", "a\u0000b\u001bc\ufffed\ud800e"));

        assertThat(LibvirtXml.parse(xml).root().getAttribute("socket")).isEqualTo("a\ufffdb\ufffdc\ufffdd\ufffde");
    }

    @Test
    void refusesToLeaveValuesOut() {
        assertThatThrownBy(() -> templates.render("device", "graphics", Map.of()))
                .hasMessageContaining("socket");
    }
}
