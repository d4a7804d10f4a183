package dev.berth.catalog;

/** Where an image stands. */
public enum ImageState {
    /** Being copied and checked; forgotten if that does not end well. */
    IMPORTING,
    READY,
    RETIRED,
    /** Its file is not what was imported, or may not be: nothing starts from it. */
    QUARANTINED,
    /** Its file is being deleted. */
    REMOVING,
    /** Its file is gone; old revisions still name it. */
    REMOVED;

    /** Whether a disk may be made from it, or a machine started that stands on it. */
    public boolean trusted() {
        return this == READY || this == RETIRED;
    }
}
