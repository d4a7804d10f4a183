package dev.berth.security;

import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proves to a worker that a web process of the same installation asks for this, now and for the first time: HMAC-SHA256
 * (RFC 2104) over purpose, subject, time and a nonce, keyed with {@code berth.worker.secret}. What nobody else may read
 * is sealed with a key made from the same (AES-256-GCM).
 */
@Singleton
public class LinkSignature {
    /** Header: {@code v1 <seconds since 1970> <nonce> <signature>}, the latter two in hex. */
    public static final String HEADER = "Berth-Link";

    public static final Duration WINDOW = Duration.ofSeconds(30);

    private static final int MIN_SECRET = 32;
    private static final int NONCE_BYTES = 16;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final Pattern SHAPE = Pattern.compile("v1 (\\d{1,12}) ([0-9a-f]{32}) ([0-9a-f]{64})");

    private final Optional<SecretKeySpec> key;
    /** What is accepted: the key, and the one before it. */
    private final List<SecretKeySpec> accepted;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    /** Nonces seen within the window, oldest first. Only holders of the secret can add to it. */
    private final Map<String, Instant> seen = new LinkedHashMap<>();

    public LinkSignature(WorkerLinkConfig config, Clock clock) {
        this.key = config.secret().map(secret -> key("berth.worker.secret", secret));
        this.accepted = Stream.concat(
                        key.stream(),
                        config.previousSecret().map(secret -> key("berth.worker.previous-secret", secret)).stream())
                .toList();
        this.clock = clock;
    }

    private static SecretKeySpec key(String name, String secret) {
        return new SecretKeySpec(
                Secrets.strong(name, secret, MIN_SECRET).getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    public boolean configured() {
        return key.isPresent();
    }

    /** @throws IllegalStateException without a configured secret */
    public String sign(String purpose, Object subject) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        String time = Long.toString(clock.instant().getEpochSecond());
        String nonceHex = HexFormat.of().formatHex(nonce);
        return "v1 " + time + ' ' + nonceHex + ' '
                + HexFormat.of().formatHex(mac(current(), purpose, subject, time, nonceHex));
    }

    private SecretKeySpec current() {
        return key.orElseThrow(() -> new IllegalStateException("berth.worker.secret is not set"));
    }

    /** Whether the header is right, recent, and was not used before. */
    public boolean accepts(String header, String purpose, Object subject) {
        Matcher parts = SHAPE.matcher(header == null ? "" : header);
        if (!parts.matches()) {
            return false;
        }
        byte[] given = HexFormat.of().parseHex(parts.group(3));
        if (accepted.stream()
                .noneMatch(one ->
                        MessageDigest.isEqual(given, mac(one, purpose, subject, parts.group(1), parts.group(2))))) {
            return false;
        }
        Instant now = clock.instant();
        Instant signedAt = Instant.ofEpochSecond(Long.parseLong(parts.group(1)));
        return Duration.between(signedAt, now).abs().compareTo(WINDOW) <= 0 && firstUse(parts.group(2), now);
    }

    private synchronized boolean firstUse(String nonce, Instant now) {
        // Clocks may differ by a window either way, so a nonce matters for two of them.
        Instant forgotten = now.minus(WINDOW.multipliedBy(2)).minusSeconds(1);
        Iterator<Instant> oldest = seen.values().iterator();
        while (oldest.hasNext() && oldest.next().isBefore(forgotten)) {
            oldest.remove();
        }
        return seen.putIfAbsent(nonce, now) == null;
    }

    private static byte[] mac(SecretKeySpec key, String purpose, Object subject, String time, String nonce) {
        return mac(key, purpose + '\n' + subject + '\n' + time + '\n' + nonce);
    }

    /** Makes these bytes unreadable but for {@link #open}. @throws IllegalStateException without a configured secret */
    public String seal(String purpose, byte[] plain) {
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        try {
            byte[] sealed = cipher(current(), Cipher.ENCRYPT_MODE, purpose, iv).doFinal(plain);
            return HexFormat.of().formatHex(iv) + HexFormat.of().formatHex(sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What was sealed for this purpose; empty for anything else. */
    public Optional<byte[]> open(String purpose, String sealed) {
        return accepted.stream()
                .flatMap(one -> open(one, purpose, sealed).stream())
                .findFirst();
    }

    private static Optional<byte[]> open(SecretKeySpec key, String purpose, String sealed) {
        try {
            byte[] bytes = HexFormat.of().parseHex(sealed);
            Cipher cipher = cipher(key, Cipher.DECRYPT_MODE, purpose, Arrays.copyOf(bytes, IV_BYTES));
            return bytes.length <= IV_BYTES
                    ? Optional.empty()
                    : Optional.of(cipher.doFinal(bytes, IV_BYTES, bytes.length - IV_BYTES));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Cipher cipher(SecretKeySpec key, int mode, String purpose, byte[] iv)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(mac(key, "seal\n" + purpose), "AES"), new GCMParameterSpec(TAG_BITS, iv));
        return cipher;
    }

    private static byte[] mac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }
}
