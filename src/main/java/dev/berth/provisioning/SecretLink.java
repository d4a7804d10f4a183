package dev.berth.provisioning;

import dev.berth.catalog.Profile;
import dev.berth.fleet.Host;
import dev.berth.security.LinkSignature;
import dev.berth.security.WorkerTls;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * A web process's way to hand a secret to a host's worker: one signed call, its body sealed with the key that both
 * share, so that it is not for a network's eyes even where the link is plain HTTP.
 */
@Singleton
class SecretLink {
    static final String PATH = "/internal/secrets/";
    static final String PURPOSE = "storage-secret";

    private static final Logger LOG = Logger.getLogger(SecretLink.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String AWAY = "Its worker could not be reached. Enter the secret again when it is back.";

    private final LinkSignature signature;
    private final HttpClient client;

    SecretLink(LinkSignature signature, WorkerTls tls) {
        this.signature = signature;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .sslContext(tls.context())
                .build();
    }

    /** What the signature is for: this secret for this profile on this host. */
    static String subject(String hostName, UUID profileId, String sealed) {
        return hostName + ' ' + profileId + ' ' + sealed;
    }

    /** @return why not, or empty */
    String send(Host host, Profile profile, byte[] secret) {
        if (!signature.configured()) {
            LOG.error("A secret is for another process's worker, but berth.worker.secret is not set");
            return AWAY;
        }
        String sealed = signature.seal(PURPOSE, secret);
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(host.workerUrl()).resolve(PATH + host.name() + '/' + profile.id()))
                    .timeout(PATIENCE)
                    .header(LinkSignature.HEADER, signature.sign(PURPOSE, subject(host.name(), profile.id(), sealed)))
                    .POST(HttpRequest.BodyPublishers.ofString(sealed))
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            return switch (answer.statusCode()) {
                case 204 -> "";
                case 409 -> answer.body();
                default -> refused(host, answer.statusCode());
            };
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf("The worker of host %s could not be given a secret: %s", host.name(), e.getMessage());
            return AWAY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return AWAY;
        }
    }

    private static String refused(Host host, int status) {
        LOG.warnf("The worker of host %s refused a secret with status %d", host.name(), status);
        return AWAY;
    }
}
