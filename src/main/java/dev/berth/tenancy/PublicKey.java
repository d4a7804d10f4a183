package dev.berth.tenancy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An SSH public key in the one-line form of an {@code authorized_keys} file (RFC 4253 section 6.6 inside), without
 * options. Only key types that OpenSSH still accepts.
 */
record PublicKey(String type, String base64, String comment) {
    private static final Set<String> TYPES = Set.of(
            "ssh-ed25519",
            "ssh-rsa",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com");

    static Optional<PublicKey> parse(String line) {
        if (line.chars().anyMatch(Character::isISOControl)) {
            return Optional.empty();
        }
        List<String> parts = List.of(line.trim().split(" +", 3));
        if (parts.size() < 2 || !TYPES.contains(parts.get(0))) {
            return Optional.empty();
        }
        try {
            ByteBuffer blob = ByteBuffer.wrap(Base64.getDecoder().decode(parts.get(1)));
            byte[] inner = new byte[Math.min(blob.getInt(), 64)];
            blob.get(inner);
            if (!parts.get(0).equals(new String(inner, StandardCharsets.US_ASCII)) || !blob.hasRemaining()) {
                return Optional.empty();
            }
        } catch (RuntimeException e) {
            return Optional.empty();
        }
        return Optional.of(new PublicKey(parts.get(0), parts.get(1), parts.size() == 3 ? parts.get(2) : ""));
    }

    String line() {
        return (type + ' ' + base64 + ' ' + comment).trim();
    }

    /** As {@code ssh-keygen -l} prints it. */
    String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(Base64.getDecoder().decode(base64));
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
