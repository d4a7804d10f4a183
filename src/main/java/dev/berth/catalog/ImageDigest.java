package dev.berth.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file's contents have to be.
 *
 * @param algorithm as Java calls it
 * @param hex lower-case hexadecimal digits
 */
record ImageDigest(String algorithm, String hex) {
    /** As sha256sum(1) and sha512sum(1) write it. */
    private static final Pattern GNU = Pattern.compile("([0-9a-fA-F]{64}|[0-9a-fA-F]{128}) [ *](?:\\./)?(\\S.*)");

    /** As they do with {@code --tag}, and BSDs. */
    private static final Pattern BSD =
            Pattern.compile("SHA(?:256|512) \\((?:\\./)?(.+)\\) = ([0-9a-fA-F]{64}|[0-9a-fA-F]{128})");

    /** Its length says which one it is. Older digests are none: two files can be made that share one. */
    static Optional<ImageDigest> of(String text) {
        String hex = text == null ? "" : text.strip().toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]*")) {
            return Optional.empty();
        }
        return switch (hex.length()) {
            case 64 -> Optional.of(new ImageDigest("SHA-256", hex));
            case 128 -> Optional.of(new ImageDigest("SHA-512", hex));
            default -> Optional.empty();
        };
    }

    /** The one that a list of digests has for the file. */
    static ImageDigest find(byte[] list, String file) throws FetchException {
        Set<ImageDigest> found = new LinkedHashSet<>();
        new String(list, StandardCharsets.UTF_8)
                .lines()
                .map(String::stripTrailing)
                .forEach(line -> {
                    Matcher gnu = GNU.matcher(line);
                    Matcher bsd = BSD.matcher(line);
                    if (gnu.matches() && gnu.group(2).equals(file)) {
                        found.add(of(gnu.group(1)).orElseThrow());
                    } else if (bsd.matches() && bsd.group(1).equals(file)) {
                        found.add(of(bsd.group(2)).orElseThrow());
                    }
                });
        if (found.isEmpty()) {
            throw new FetchException("The list of digests has no SHA-256 or SHA-512 of " + file + ".", false);
        }
        if (found.stream().map(ImageDigest::algorithm).distinct().count() < found.size()) {
            throw new FetchException("The list of digests has two for " + file + ".", false);
        }
        return found.stream()
                .max(Comparator.comparingInt(one -> one.hex().length()))
                .orElseThrow();
    }
}
