package dev.berth.web;

import dev.berth.catalog.Image;
import dev.berth.catalog.Images;
import dev.berth.machines.ImageFigures;
import dev.berth.machines.Machine;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Named;
import java.util.List;
import java.util.UUID;

/** What pages say of images that are quarantined, wherever that matters to somebody. */
@Named("quarantine")
@RequestScoped
public class QuarantineNotices {
    private final Chrome chrome;
    private final Images images;
    private final ImageFigures figures;

    QuarantineNotices(Chrome chrome, Images images, ImageFigures figures) {
        this.chrome = chrome;
        this.images = images;
        this.figures = figures;
    }

    /** Those that keep the machine from starting. */
    public List<Image> of(Machine machine) {
        return machine.goneAt() == null ? figures.quarantined(machine.id(), true) : List.of();
    }

    /** Those that keep machines of the tenant from starting. */
    public List<ImageFigures.Affected> ofTenant(UUID tenantId) {
        return figures.affected(chrome.caller(), tenantId);
    }

    /** How many there are, for an admin. */
    public int count() {
        return chrome.seesAll() ? images.quarantined().size() : 0;
    }
}
