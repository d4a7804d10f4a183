package dev.berth.catalog;

/** Where an image stands. */
public enum ImageState {
    /** Being copied and checked; forgotten if that does not end well. */
    IMPORTING,
    READY,
    RETIRED
}
