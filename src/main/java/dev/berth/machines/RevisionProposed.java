package dev.berth.machines;

import dev.berth.catalog.Revision;
import java.util.UUID;

/**
 * Fired in the transaction in which a team proposed a revision of a template.
 *
 * @param by the user name of whoever asked for it
 * @param origin what its image was copied from, in words
 */
public record RevisionProposed(
        Revision revision, String templateSlug, UUID tenantId, String tenantSlug, String by, String origin) {}
