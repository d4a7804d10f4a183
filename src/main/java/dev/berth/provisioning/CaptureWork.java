package dev.berth.provisioning;

import dev.berth.catalog.Images;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Progress;
import dev.berth.machines.CaptureStatus;
import dev.berth.machines.CaptureStatus.Capturing;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Task;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;

/** Copies disks of machines that are off into the image library, which every host sees. */
@ApplicationScoped
class CaptureWork {
    private static final Caller WORKER = Caller.system("worker");

    private final Steps steps;
    private final MachineStatus machineStatus;
    private final CaptureStatus status;
    private final Images images;
    private final ProvisioningConfig config;

    CaptureWork(
            Steps steps, MachineStatus machineStatus, CaptureStatus status, Images images, ProvisioningConfig config) {
        this.steps = steps;
        this.machineStatus = machineStatus;
        this.status = status;
        this.images = images;
        this.config = config;
    }

    void whileOff(Hypervisor host, Task task) throws StepException {
        for (Capturing capture : status.wanted(task.id())) {
            copy(host, task, capture);
        }
    }

    private void copy(Hypervisor host, Task task, Capturing capture) throws StepException {
        try {
            steps.run(task, Step.CAPTURE, () -> {
                bring(host, task, capture);
                return "";
            });
        } catch (StepException e) {
            HypervisorException reason = e.reason();
            boolean again = reason.reason() == Reason.UNREACHABLE
                    || (reason.retryable()
                            && task.attempt() < config.retryPauses().size());
            if (again) {
                throw e;
            }
            // The machine is well: it is the image that can't be made.
            machineStatus.stepFailed(task, e.step(), reason.getMessage(), false);
            status.failed(capture.id(), reason.getMessage());
        }
    }

    private void bring(Hypervisor host, Task task, Capturing capture) {
        DiskSpec disk = task.domain().disks().stream()
                .filter(one -> one.id().equals(capture.diskId()))
                .findFirst()
                .orElseThrow(() -> new HypervisorException(Reason.REJECTED, "The machine no longer has this disk."));
        Progress progress = steps.progress(task, Step.CAPTURE, () -> status.wanted(capture));
        try {
            host.ensureStorage(disk.storage());
            images.bring(
                    WORKER, capture.imageId(), capture.image(), (Path part) -> host.packDisk(disk, part, progress));
            status.copied(capture);
        } catch (ProblemException e) {
            boolean library = e.kind() == ProblemException.Kind.UNAVAILABLE;
            throw new HypervisorException(library ? Reason.FAILED : Reason.REJECTED, e.getMessage(), e);
        }
    }
}
