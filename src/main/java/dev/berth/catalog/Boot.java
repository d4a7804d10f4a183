package dev.berth.catalog;

import dev.berth.hypervisor.Traits;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the machines of a revision start from.
 *
 * @param image what their system disk is made from, for {@link From#IMAGE}; else null
 * @param kernel for {@link From#KERNEL}, else null
 * @param initrd the initial RAM disk that goes with the kernel, or null for none
 * @param commandLine the kernel's
 */
public record Boot(From from, Image image, Image kernel, Image initrd, String commandLine) {
    /** The kernel takes no more. */
    public static final int LONGEST_COMMAND_LINE = 2_047;

    /** What people read who choose a machine without a disk. */
    public static final Traits NO_DISK = new Traits(
            "No disk",
            "Nothing to store: it takes no disk of the quota, and there is nothing to wipe or to back up.",
            "What a machine writes is lost when it is off. It needs a boot server on its network, or a kernel that the"
                    + " template brings.",
            "Machines start from the network, or from the kernel and RAM disk of the template; data disks can be added.");

    public enum From {
        /** A system disk, made from an image. */
        IMAGE,
        /** No disk: a kernel in memory. */
        KERNEL,
        /** No disk: a boot server on the network. */
        NETWORK;

        public boolean diskless() {
            return this != IMAGE;
        }
    }

    public boolean diskless() {
        return from.diskless();
    }

    /** The files in the library that it takes. */
    public List<Image> files() {
        return Stream.of(image, kernel, initrd).filter(file -> file != null).toList();
    }

    /** Whether something new may be made of it. */
    public boolean ready() {
        return files().stream().allMatch(file -> file.state() == ImageState.READY);
    }

    /** {@code image debian-12}, {@code kernel live and RAM disk live-initrd}, {@code network boot}. */
    public String words() {
        return switch (from) {
            case IMAGE -> "image " + image.name();
            case KERNEL -> "kernel " + kernel.name() + (initrd == null ? "" : " and RAM disk " + initrd.name());
            case NETWORK -> "network boot";
        };
    }

    public Traits traits() {
        return NO_DISK;
    }
}
