package dev.berth.catalog;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;

/** Who uses profiles. The catalogue asks; machines, which are above it, know. */
public interface ProfileUse {
    /** How many machines use each of these profiles; those that no machine uses are left out. */
    Map<UUID, Long> machines(Collection<UUID> profileIds);
}
