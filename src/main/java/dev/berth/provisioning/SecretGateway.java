package dev.berth.provisioning;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.BerthConfig;
import dev.berth.security.LinkSignature;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** A worker's end of {@link SecretLink}: what comes in sealed and signed goes into its host's secret store. */
@Singleton
class SecretGateway {
    private static final Logger LOG = Logger.getLogger(SecretGateway.class);
    private static final int MOST_BODY = 4096;

    private final BerthConfig berth;
    private final LinkSignature signature;
    private final StorageProfiles profiles;
    private final StorageSecrets secrets;

    SecretGateway(BerthConfig berth, LinkSignature signature, StorageProfiles profiles, StorageSecrets secrets) {
        this.berth = berth;
        this.signature = signature;
        this.profiles = profiles;
        this.secrets = secrets;
    }

    void route(@Observes Router router) {
        if (berth.worker() && signature.configured()) {
            router.route(HttpMethod.POST, SecretLink.PATH + ":host/:profile").handler(this::receive);
        }
    }

    private void receive(RoutingContext context) {
        String length = context.request().getHeader("Content-Length");
        if (length == null || !length.matches("\\d{1,4}") || Integer.parseInt(length) > MOST_BODY) {
            context.response().setStatusCode(413).end();
            return;
        }
        Future<Buffer> received = context.request().body();
        // Whoever looked at the headers before has paused it.
        context.request().resume();
        received.onSuccess(body -> keep(context, body.toString()))
                .onFailure(e -> context.response().setStatusCode(400).end());
    }

    private void keep(RoutingContext context, String sealed) {
        String host = context.pathParam("host");
        UUID profileId = id(context.pathParam("profile"));
        String header = context.request().getHeader(LinkSignature.HEADER);
        Optional<byte[]> secret = profileId != null
                        && signature.accepts(header, SecretLink.PURPOSE, SecretLink.subject(host, profileId, sealed))
                ? signature.open(SecretLink.PURPOSE, sealed)
                : Optional.empty();
        if (secret.isEmpty()) {
            LOG.warnf(
                    "Refused a secret without a valid signature from %s",
                    context.request().remoteAddress());
            context.response().setStatusCode(401).end();
            return;
        }
        context.vertx()
                .executeBlocking(() -> keep(host, profileId, secret.get()), false)
                .onSuccess(problem -> context.response()
                        .setStatusCode(problem.isEmpty() ? 204 : 409)
                        .end(problem))
                .onFailure(e -> {
                    LOG.error("A secret could not be kept", e);
                    context.response().setStatusCode(500).end();
                });
    }

    /** @return why not, or empty */
    private String keep(String host, UUID profileId, byte[] secret) {
        try {
            Optional<Profile> profile = profiles.find(profileId);
            return profile.isEmpty()
                    ? "The storage profile is no longer there."
                    : secrets.keepHere(profile.get(), host, secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
