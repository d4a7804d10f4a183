package dev.berth.console;

import dev.berth.testing.SmallCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** As {@link ConsoleProfile}, with TLS on a port of its own, and with its secrets from files. */
public class SecureProfile extends ConsoleProfile {
    /** What nobody may ever read. */
    static final Map<String, String> SECRETS = Map.of(
            "berth.worker.secret", "MARKER-worker-0123456789abcdef0123456789",
            "berth.worker.previous-secret", "MARKER-previous-0123456789abcdef01234567",
            "berth.auth.session-key", "MARKER-session-0123456789abcdef",
            "berth.auth.first-admin-password", "MARKER-first-admin-password",
            "berth.auth.oidc.client-secret", "MARKER-client-secret-0123456789abcdef",
            "berth.mail.password", "MARKER-mail-password");

    static final Path DIRECTORY = Path.of(
            System.getProperty("java.io.tmpdir"),
            "berth-secure-test-" + ProcessHandle.current().pid());
    static final Path LOG = DIRECTORY.resolve("log");

    @Override
    public Map<String, String> getConfigOverrides() {
        SmallCa ca = new SmallCa(DIRECTORY.resolve("ca"));
        Path server = ca.server("localhost", "127.0.0.1");
        Path secrets = DIRECTORY.resolve("secrets");
        try {
            Files.createDirectories(secrets);
            for (Map.Entry<String, String> secret : SECRETS.entrySet()) {
                Files.writeString(secrets.resolve(secret.getKey()), secret.getValue() + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
        settings.remove("berth.worker.secret");
        settings.put("berth.secrets.directory", secrets.toString());
        settings.put("berth.mail.host", "localhost");
        settings.put("berth.mail.port", "1");
        settings.put("berth.mail.from", "berth@example.org");
        settings.put("berth.mail.username", "berth");
        settings.put(
                "quarkus.tls.key-store.pem.0.cert", server.resolve("cert.pem").toString());
        settings.put(
                "quarkus.tls.key-store.pem.0.key", server.resolve("key.pem").toString());
        settings.put(
                "quarkus.tls.worker.trust-store.pem.certs", ca.certificate().toString());
        settings.put("quarkus.http.test-ssl-port", "0");
        settings.put("quarkus.log.file.enabled", "true");
        settings.put("quarkus.log.file.path", LOG.toString());
        return settings;
    }
}
