package dev.berth.web;

import dev.berth.catalog.Image;
import dev.berth.catalog.Images;
import dev.berth.machines.ImageFigures;
import dev.berth.machines.Machine;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Named;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What pages say of images that are quarantined, wherever that matters to somebody. */
@Named("quarantine")
@RequestScoped
public class QuarantineNotices {
    private final Chrome chrome;
    private final Images images;
    private final ImageFigures figures;
    private List<Image> suspects;

    QuarantineNotices(Chrome chrome, Images images, ImageFigures figures) {
        this.chrome = chrome;
        this.images = images;
        this.figures = figures;
    }

    /** Hardly ever any: asked for once, whatever the page shows of them. */
    private List<Image> suspects() {
        if (suspects == null) {
            suspects = images.quarantined();
        }
        return suspects;
    }

    /** Those that keep the machine from starting. */
    public List<Image> of(Machine machine) {
        return suspects().isEmpty() || machine.goneAt() != null ? List.of() : figures.quarantined(machine.id(), true);
    }

    /** Which of these machines are kept from starting, each with the name of an image that does. */
    Map<UUID, String> of(Collection<UUID> machineIds) {
        return suspects().isEmpty() ? Map.of() : figures.quarantined(machineIds);
    }

    /** Those that keep machines of the tenant from starting. */
    public List<ImageFigures.Affected> ofTenant(UUID tenantId) {
        return suspects().isEmpty() ? List.of() : figures.affected(chrome.caller(), tenantId);
    }

    /** How many there are, for an admin. */
    public int count() {
        return chrome.seesAll() ? suspects().size() : 0;
    }
}
