package dev.berth.catalog;

import dev.berth.common.Checks;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What an admin says of a profile.
 *
 * @param config the kind's settings; an empty one is one that is not made
 * @param tenants those that may use it; empty for all
 */
public record ProfileDraft(String name, String description, Map<String, String> config, Set<UUID> tenants) {
    public ProfileDraft {
        Map<String, String> made = new HashMap<>();
        config.forEach((setting, value) -> {
            if (value != null && !value.isBlank()) {
                made.put(setting, value.strip());
            }
        });
        config = Map.copyOf(made);
        tenants = Set.copyOf(tenants);
    }

    Checks check() {
        return new Checks().line("name", name, 100).text("description", description, 2_000);
    }
}
