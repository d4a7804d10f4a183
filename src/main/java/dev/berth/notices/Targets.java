package dev.berth.notices;

import dev.berth.common.Checks;
import dev.berth.common.UrlGuard;
import dev.berth.common.UrlGuard.RefusedException;
import dev.berth.common.UrlGuard.Target;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;

/** Where webhooks may go. What a tenant types is an address that this network is asked to call. */
@ApplicationScoped
class Targets {
    private static final int MAX_URL = 500;

    private final UrlGuard guard;

    Targets(NoticesConfig config) {
        guard = new UrlGuard(
                config.webhookSchemes(), config.webhookNetworks().orElse(List.of()), "berth.notices.webhook-networks");
    }

    /** What can be said of an address before anybody is asked for it. */
    void check(Checks checks, String field, String url) {
        URI uri = UrlGuard.parse(url).orElse(null);
        checks.require(
                        field,
                        url != null && url.length() <= MAX_URL && uri != null,
                        "Write an address such as https://hooks.example.org/berth, of at most " + MAX_URL
                                + " characters.")
                .require(
                        field,
                        uri == null || guard.allowsScheme(uri),
                        "It has to begin with " + guard.schemeWords() + ".")
                .require(
                        field,
                        uri == null || uri.getRawUserInfo() == null,
                        "Leave out the user name and the password: each call is signed.")
                .require(field, uri == null || uri.getRawFragment() == null, "Leave out what follows the #.");
        if (uri != null && UrlGuard.literal(uri)) {
            try {
                resolve(url);
            } catch (UndeliveredException e) {
                checks.require(field, false, e.getMessage());
            }
        }
    }

    /**
     * Looks the name up, once.
     *
     * @throws UndeliveredException when there is no address, or one that is not to be called
     */
    Target resolve(String url) throws UndeliveredException {
        try {
            URI uri = UrlGuard.parse(url)
                    .orElseThrow(() -> new RefusedException("Berth may not call addresses that begin so."));
            return guard.resolve(uri);
        } catch (RefusedException e) {
            throw new UndeliveredException(0, e.getMessage());
        }
    }
}
