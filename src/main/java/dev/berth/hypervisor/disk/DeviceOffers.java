package dev.berth.hypervisor.disk;

import dev.berth.common.Bytes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The devices that could be registered for a profile, as a check's facts carry them. */
public final class DeviceOffers {
    private static final String DEVICE = "device ";
    private static final int MOST = 256;

    private DeviceOffers() {}

    /** @param looks what {@link DeviceKind#devices} found */
    public static Map<String, String> facts(List<DeviceLook> looks) {
        return looks.stream()
                .filter(DeviceLook::there)
                .limit(MOST)
                .collect(Collectors.toMap(
                        look -> DEVICE + look.path(), look -> Bytes.words(look.bytes()), (one, other) -> one));
    }

    /** How large each is in words, by its place, in order. */
    public static Map<String, String> of(Map<String, String> facts) {
        Map<String, String> found = new TreeMap<>();
        facts.forEach((name, words) -> {
            if (name.startsWith(DEVICE)) {
                found.put(name.substring(DEVICE.length()), words);
            }
        });
        return found;
    }
}
