package dev.berth.catalog;

import dev.berth.hypervisor.HostCommand;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** OpenPGP signatures (RFC 9580) of lists of digests, checked by gpgv(1) against the keys that an admin has placed. */
@ApplicationScoped
class ImageSignature {
    private static final Logger LOG = Logger.getLogger(ImageSignature.class);
    private static final long MEMORY_BYTES = 512L << 20;
    private static final Duration TIME = Duration.ofSeconds(20);
    private static final String INLINE = "-----BEGIN PGP SIGNED MESSAGE-----";

    private final Optional<String> keyring;

    ImageSignature(LibraryConfig config) {
        keyring = config.urlKeyring();
    }

    boolean on() {
        return keyring.isPresent();
    }

    /**
     * What was signed.
     *
     * @param signature detached, or null when the list has it inside
     * @param work where files with names of the caller's may be written
     */
    byte[] signed(byte[] list, byte[] signature, Path work) throws FetchException, IOException {
        if (signature == null && !new String(list, StandardCharsets.UTF_8).startsWith(INLINE)) {
            throw new FetchException(
                    "The list of digests is not signed. Give the address of its signature as well.", false);
        }
        Path listFile = work.resolveSibling(work.getFileName() + ".list");
        Path signatureFile = work.resolveSibling(work.getFileName() + ".sig");
        try {
            Files.write(listFile, list);
            if (signature == null) {
                return run("--output", "-", listFile.toString()).output().getBytes(StandardCharsets.UTF_8);
            }
            Files.write(signatureFile, signature);
            run(signatureFile.toString(), listFile.toString());
            return list;
        } finally {
            Files.deleteIfExists(listFile);
            Files.deleteIfExists(signatureFile);
        }
    }

    private HostCommand.Result run(String... arguments) throws FetchException {
        String[] command = new String[arguments.length + 3];
        command[0] = "gpgv";
        command[1] = "--keyring";
        command[2] = Path.of(keyring.orElseThrow()).toAbsolutePath().toString();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        HostCommand.Result result = HostCommand.of(command)
                .limited(MEMORY_BYTES, TIME)
                .timeout(TIME)
                .run();
        if (!result.succeeded()) {
            LOG.infof("gpgv refused a signature: %d", result.exitCode());
            throw new FetchException(
                    "The signature is not one of the keys in berth.library.url-keyring, or the list was changed.",
                    false);
        }
        return result;
    }
}
