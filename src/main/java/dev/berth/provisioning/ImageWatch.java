package dev.berth.provisioning;

import dev.berth.catalog.ImageChecks;
import dev.berth.catalog.ImageRemoval;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.ImageFiles;
import dev.berth.machines.ImageFigures;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Watches the files of images: from outside in each round and before a machine starts, their contents now and then. Runs
 * in workers, since they see the library as their hosts do.
 */
@ApplicationScoped
class ImageWatch {
    private static final Logger LOG = Logger.getLogger(ImageWatch.class);

    private final ImageChecks checks;
    private final ImageRemoval removal;
    private final ImageFigures figures;

    ImageWatch(ImageChecks checks, ImageRemoval removal, ImageFigures figures) {
        this.checks = checks;
        this.removal = removal;
        this.figures = figures;
    }

    /** One round: looks at all files from outside, and deletes those that have to go. */
    void look() {
        for (UUID image : checks.watched()) {
            checks.look(image).ifPresent(problem -> LOG.debugf("Image %s: %s", image, problem));
        }
        removal.finish();
    }

    /** Reads the contents of an image whose turn it is, if there is one. */
    void read() {
        Optional<ImageChecks.Due> due = checks.claim();
        if (due.isPresent()) {
            read(due.get());
        }
    }

    private void read(ImageChecks.Due due) {
        boolean done = false;
        try {
            Optional<String> before = ImageFiles.stamp(due.file());
            String digest = before.isPresent() ? ImageFiles.digest(due.file()) : "";
            checks.read(due.id(), before, digest, ImageFiles.stamp(due.file()));
            done = true;
        } catch (HypervisorException e) {
            LOG.warnf("Image %s could not be checked; it will be tried again: %s", due.name(), e.getMessage());
        } finally {
            if (!done) {
                checks.abandon(due.id());
            }
        }
    }

    /**
     * Before anything of the machine starts, or is made, from an image.
     *
     * @throws HypervisorException when the image is not to be trusted
     */
    void refuseUntrusted(Task task) {
        for (UUID image : figures.standsOn(task.id(), task.provisioned())) {
            checks.look(image).ifPresent(sentence -> {
                throw new HypervisorException(Reason.REJECTED, sentence);
            });
        }
    }
}
