package dev.berth.catalog;

/** Somebody waits for an image to be fetched. */
record ImageImportWanted() {}
