package dev.berth.hypervisor;

/**
 * A kind's plain words, shown wherever a person chooses.
 *
 * @param title the kind's name for people
 * @param good what it is good for
 * @param price what it costs
 * @param answer what Berth does about the price
 */
public record Traits(String title, String good, String price, String answer) {}
