package dev.berth.api;

/** An answer with something in it that is told once, and so is not kept for an {@code Idempotency-Key} either. */
interface ShownOnce {
    /** The same without it. */
    Object kept();
}
