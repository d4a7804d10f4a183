package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.util.Map;
import java.util.regex.Pattern;

/** The name of a switch's port profile: as long as libvirt allows, without what would need quoting on the way there. */
final class PortProfile {
    private static final Pattern NAME = Pattern.compile("[!#-&(-\\[\\]-~]{1,39}");

    private PortProfile() {}

    static Map<String, String> problems(Map<String, String> config, KindField field) {
        String name = config.getOrDefault(field.name(), "");
        return name.isEmpty() || NAME.matcher(name).matches()
                ? Map.of()
                : Map.of(
                        field.name(),
                        "Write up to 39 printable characters without spaces, quotes or backslashes, or leave it empty.");
    }
}
