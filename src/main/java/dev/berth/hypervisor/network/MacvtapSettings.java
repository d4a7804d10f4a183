package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The settings of a {@code macvtap} network: the device, how frames go between machines on it, and what a switch is told
 * of each card by IEEE 802.1Qbg (edge virtual bridging) or 802.1Qbh (bridge port extension).
 */
final class MacvtapSettings {
    static final String PASSTHROUGH = "passthrough";

    static final KindField DEVICE = KindField.required(
            "dev", "Device", "The network device's name, the same on every host that offers this network.", "eth1");

    /** Bridge comes first, for it alone works on every switch: with vepa, neighbours on a host need one that reflects. */
    static final KindField MODE = KindField.choice(
            "mode",
            "Mode",
            "bridge: machines on a host reach each other directly. vepa: every frame goes to the switch, which has to send"
                    + " it back (hairpin, 802.1Qbg) for neighbours to talk. private: neighbours never talk."
                    + " passthrough: one machine takes the whole device.",
            "bridge",
            "vepa",
            "private",
            PASSTHROUGH);

    static final KindField MANAGER = KindField.optional(
            "managerid", "802.1Qbg manager", "The VSI manager's number, 0 to 255. Empty: no 802.1Qbg.", "11");
    static final KindField TYPE =
            KindField.optional("typeid", "802.1Qbg type", "The VSI type's number, 0 to 16777215.", "1193047");
    static final KindField TYPE_VERSION =
            KindField.optional("typeidversion", "802.1Qbg type version", "0 to 255.", "2");
    static final KindField INSTANCE = KindField.optional(
            "instanceid",
            "802.1Qbg instance",
            "A UUID, for a network with a single machine. Empty: each card has one of its own for life.",
            "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f");
    static final KindField PROFILE = KindField.optional(
            "profileid", "802.1Qbh port profile", "The profile's name on the switch. Empty: no 802.1Qbh.", "finance");

    static final List<KindField> FIELDS = Stream.concat(
                    Stream.of(DEVICE, MODE),
                    Stream.of(MANAGER, TYPE, TYPE_VERSION, INSTANCE, PROFILE)
                            .map(field -> field.in("What the switch is told")))
            .toList();

    private static final String UUID_PATTERN = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    private static final int LAST_BYTE = 255;
    private static final int LAST_TYPE = 16_777_215;

    private MacvtapSettings() {}

    static String value(Map<String, String> config, KindField field) {
        return config.getOrDefault(field.name(), "");
    }

    static String mode(Map<String, String> config) {
        String mode = value(config, MODE);
        return mode.isEmpty() ? MODE.options().get(0) : mode;
    }

    static boolean passthrough(Map<String, String> config) {
        return mode(config).equals(PASSTHROUGH);
    }

    /** Whether cards are announced by 802.1Qbg. */
    static boolean announced(Map<String, String> config) {
        return Stream.of(MANAGER, TYPE, TYPE_VERSION, INSTANCE)
                .anyMatch(field -> !value(config, field).isEmpty());
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(HostDevice.problems(config, DEVICE));
        if (!MODE.options().contains(mode(config))) {
            problems.put(MODE.name(), "Choose one of " + String.join(", ", MODE.options()) + ".");
        }
        problems.putAll(PortProfile.problems(config, PROFILE));
        if (!announced(config)) {
            return problems;
        }
        number(config, MANAGER, LAST_BYTE, problems);
        number(config, TYPE, LAST_TYPE, problems);
        number(config, TYPE_VERSION, LAST_BYTE, problems);
        String instance = value(config, INSTANCE);
        if (!instance.isEmpty() && !instance.matches(UUID_PATTERN)) {
            problems.put(INSTANCE.name(), "Write a UUID, for example " + INSTANCE.example() + ", or leave it empty.");
        }
        if (!value(config, PROFILE).isEmpty()) {
            problems.put(
                    PROFILE.name(),
                    "A switch speaks 802.1Qbg or 802.1Qbh. Leave this empty, or all of the 802.1Qbg settings.");
        }
        return problems;
    }

    private static void number(Map<String, String> config, KindField field, int last, Map<String, String> problems) {
        String text = value(config, field);
        if (!text.matches("0|[1-9]\\d{0,7}") || Integer.parseInt(text) > last) {
            problems.put(
                    field.name(),
                    "802.1Qbg needs a number from 0 to " + last
                            + " here. Leave all of its settings empty to do without.");
        }
    }
}
