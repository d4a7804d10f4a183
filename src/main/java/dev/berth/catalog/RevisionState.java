package dev.berth.catalog;

/** The life of a template's revision. */
public enum RevisionState {
    DRAFT,
    IN_REVIEW,
    APPROVED,
    DEPRECATED,
    RETIRED
}
