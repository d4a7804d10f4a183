package dev.berth.machines;

import dev.berth.catalog.Template;
import java.util.UUID;

/** How long a lease may be, as those know who know the policies of requests. */
public interface LeasePolicy {
    /** How many hours from now on a team may set a lease to without anybody's yes; 0 for not at all. */
    int byItself(UUID tenantId, Template template);
}
