package dev.berth.hypervisor;

import java.util.List;

/**
 * How a Linux guest mounts a directory that it shares. No part of it holds a character that a shell or
 * {@code fstab(5)} reads otherwise.
 *
 * @param place where in the guest
 * @param type of the file system, as in {@code mount -t}
 */
public record ShareMount(String tag, String place, String type, String options) {
    public boolean readOnly() {
        return List.of(options.split(",")).contains("ro");
    }

    /** What is typed as root, once. */
    public String command() {
        return "mkdir -p " + place + " && mount -t " + type + " -o " + options + ' ' + tag + ' ' + place;
    }

    /** The line of {@code /etc/fstab}. A guest starts all the same when the directory is no longer shared with it. */
    public String fstab() {
        return String.join(" ", fields());
    }

    /** The fields of that line, as cloud-init's {@code mounts} has them. */
    public List<String> fields() {
        return List.of(tag, place, type, options + ",nofail", "0", "0");
    }
}
