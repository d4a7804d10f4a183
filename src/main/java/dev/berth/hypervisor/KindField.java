package dev.berth.hypervisor;

import java.util.List;

/**
 * One setting of a kind as a form shows it.
 *
 * @param options the values to choose from, the first being what an empty setting means; none for free text
 * @param fixed stays as it is while machines use the profile
 * @param offer what the form offers for it, found on the hosts
 * @param group what it belongs to, for settings that most profiles do without; empty for an essential one
 */
public record KindField(
        String name,
        String label,
        String help,
        String example,
        boolean required,
        List<String> options,
        boolean fixed,
        String group,
        Offer offer) {

    /** What hosts have that a setting may name. */
    public enum Offer {
        NOTHING,
        DIRECTORIES,
        VOLUME_GROUPS,
        BLOCK_DEVICES
    }

    /** A setting that has to be made, and can't be changed under a machine. */
    public static KindField required(String name, String label, String help, String example) {
        return new KindField(name, label, help, example, true, List.of(), true, "", Offer.NOTHING);
    }

    /** A setting that may be left empty, and can't be changed under a machine. */
    public static KindField optional(String name, String label, String help, String example) {
        return new KindField(name, label, help, example, false, List.of(), true, "", Offer.NOTHING);
    }

    /** A choice of these values; the first is what is meant when nothing is chosen. */
    public static KindField choice(String name, String label, String help, String... options) {
        return new KindField(name, label, help, options[0], false, List.of(options), true, "", Offer.NOTHING);
    }

    /** The same setting, but free to change at any time. */
    public KindField changeable() {
        return new KindField(name, label, help, example, required, options, false, group, offer);
    }

    /** The same setting, among others of this group: {@code Speed limits}. */
    public KindField in(String title) {
        return new KindField(name, label, help, example, required, options, fixed, title, offer);
    }

    /** The same setting, for which the form offers what hosts have of this sort. */
    public KindField offering(Offer sort) {
        return new KindField(name, label, help, example, required, options, fixed, group, sort);
    }

    /** What this setting amounts to when it is written like this; null for one that is not made. */
    public String meaning(String written) {
        return written == null || written.isEmpty()
                ? options.stream().findFirst().orElse("")
                : written;
    }
}
