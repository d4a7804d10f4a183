package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Tells whether an image's file is what it was. */
public final class ImageFiles {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int DIGEST_CHARS = 64;

    private ImageFiles() {}

    /**
     * What the file looks like from outside: size, time of change and inode. Costs next to nothing, and is another once
     * somebody wrote to the file or put another in its place. Empty when there is no such file.
     *
     * @throws HypervisorException {@code FAILED} when it can't be looked at
     */
    public static Optional<String> stamp(Path file) {
        try {
            Map<String, Object> facts = Files.readAttributes(
                    file, "unix:size,lastModifiedTime,ino,isRegularFile", LinkOption.NOFOLLOW_LINKS);
            if (!facts.get("isRegularFile").equals(true)) {
                return Optional.empty();
            }
            long changed = ((FileTime) facts.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS);
            return Optional.of(facts.get("size") + " " + changed + " " + facts.get("ino"));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The image library can't be looked at right now.", e);
        }
    }

    /**
     * The file's SHA-256 as lower-case hex. Reads all of it, whenever nobody else wants processor or disk.
     *
     * @throws HypervisorException {@code FAILED} when it can't be read
     */
    public static String digest(Path file) {
        HostCommand.Result result = HostCommand.of(
                        "nice", "-n", "19", "ionice", "-c", "3", "sha256sum", "--", file.toString())
                .dyingWithUs()
                .timeout(LONGEST)
                .run();
        if (!result.succeeded() || result.output().length() < DIGEST_CHARS) {
            throw new HypervisorException(Reason.FAILED, "The image's file could not be read.");
        }
        return result.output().substring(0, DIGEST_CHARS);
    }
}
