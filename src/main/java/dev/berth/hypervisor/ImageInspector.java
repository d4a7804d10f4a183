package dev.berth.hypervisor;

import java.nio.file.Path;

/** Looks at an image that somebody sent before anything trusts it. */
public interface ImageInspector {
    /** What a good image turned out to be. Sizes in bytes, 0 for what is no disk; digest as lower-case hex. */
    record Inspection(String format, long virtualSizeBytes, long fileSizeBytes, String sha256) {}

    /** A refused image. The message says what is wrong and what to do about it. */
    final class RejectedImageException extends Exception {
        private static final long serialVersionUID = 1L;

        public RejectedImageException(String message) {
            super(message);
        }
    }

    /**
     * @param declaredFormat {@code qcow2}, {@code raw}, {@code kernel} or {@code initrd}; never guessed from the content
     * @param maxVirtualSizeBytes the largest disk it may ask for
     */
    Inspection inspect(Path file, String declaredFormat, long maxVirtualSizeBytes) throws RejectedImageException;
}
