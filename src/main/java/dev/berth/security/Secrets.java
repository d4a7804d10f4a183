package dev.berth.security;

/** What a configured secret has to be before anything is guarded by it. */
final class Secrets {
    private static final int DIFFERENT = 8;

    private Secrets() {}

    /**
     * @return the secret
     * @throws IllegalStateException when it is too short or too simple; names its key, and never the secret
     */
    static String strong(String key, String secret, int shortest) {
        if (secret.length() < shortest) {
            throw new IllegalStateException(key + " is too short: use at least " + shortest
                    + " characters, as `openssl rand -hex 32` makes them");
        }
        if (secret.chars().distinct().count() < DIFFERENT) {
            throw new IllegalStateException(
                    key + " is too simple to be a secret: use what `openssl rand -hex 32` makes");
        }
        return secret;
    }
}
