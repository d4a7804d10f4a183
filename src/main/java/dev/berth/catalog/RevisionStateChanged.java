package dev.berth.catalog;

import dev.berth.security.Caller;
import java.util.UUID;

/**
 * Fired in the transaction in which a revision of a template came to another state.
 *
 * @param by who made it so
 */
public record RevisionStateChanged(
        UUID revisionId, String templateSlug, String templateName, int number, RevisionState state, Caller by) {}
