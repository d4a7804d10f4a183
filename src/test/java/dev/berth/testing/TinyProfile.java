package dev.berth.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A web process whose clock can be set, with a kind of network that runs out of things soon. */
public class TinyProfile extends WebProfile {
    static final String TINY = "test.tiny-network";

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(SettableClock.class, SettableTicker.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
        settings.put(TINY, "true");
        // Whoever sets the clock says when leases are looked at.
        settings.put("berth.leases.look-interval", "1h");
        return settings;
    }
}
