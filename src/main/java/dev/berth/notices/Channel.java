package dev.berth.notices;

/** A way by which a person is told. */
public enum Channel {
    BELL,
    MAIL
}
