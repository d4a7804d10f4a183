package dev.berth.hypervisor;

/** One setting of a kind as a form shows it. */
public record KindField(String name, String label, String help, String example, boolean required) {}
