package dev.berth.machines;

import dev.berth.catalog.Boot;
import dev.berth.catalog.Images;
import dev.berth.catalog.Templates;
import dev.berth.hypervisor.BootSpec;
import jakarta.enterprise.context.ApplicationScoped;

/** What machines start from, as a host needs it. */
@ApplicationScoped
class Boots {
    private final Templates templates;
    private final Images images;

    Boots(Templates templates, Images images) {
        this.templates = templates;
        this.images = images;
    }

    BootSpec of(MachineEntity machine) {
        if (machine.diskGib > 0) {
            return BootSpec.DISK;
        }
        Boot boot = templates.bootOf(machine.revisionId);
        return switch (boot.from()) {
            case IMAGE -> BootSpec.DISK;
            case NETWORK -> BootSpec.NETWORK;
            case KERNEL ->
                new BootSpec(
                        BootSpec.From.KERNEL,
                        images.bootFile(boot.kernel()),
                        boot.initrd() == null ? null : images.bootFile(boot.initrd()),
                        boot.commandLine());
        };
    }
}
