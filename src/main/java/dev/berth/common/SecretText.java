package dev.berth.common;

import java.security.SecureRandom;
import java.util.Base64;

/** Secrets that go into an address or a header, where nobody can guess them. */
public final class SecretText {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private SecretText() {}

    /** A new one: 256 random bits in 43 letters, digits, hyphens and underscores (base64url, RFC 4648, 5). */
    public static String make() {
        byte[] secret = new byte[BYTES];
        RANDOM.nextBytes(secret);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }
}
