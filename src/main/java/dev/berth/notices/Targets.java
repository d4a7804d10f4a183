package dev.berth.notices;

import dev.berth.common.Checks;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where webhooks may go. What a tenant types is an address that this network is asked to call: only what is on the public
 * network is, unless an admin has named a network.
 */
@ApplicationScoped
class Targets {
    private static final int MAX_URL = 500;

    /** An address that was looked up once; the call goes to it, whatever the name means by then. */
    record Target(URI uri, InetAddress address) {
        boolean secure() {
            return uri.getScheme().equalsIgnoreCase("https");
        }

        /** Without the brackets of an IPv6 address. */
        String host() {
            return Targets.host(uri);
        }

        int port() {
            return uri.getPort() >= 0 ? uri.getPort() : secure() ? 443 : 80;
        }

        String pathAndQuery() {
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return uri.getRawQuery() == null ? path : path + '?' + uri.getRawQuery();
        }
    }

    private final Set<String> schemes;
    private final List<AddressRange> allowed;

    Targets(NoticesConfig config) {
        schemes = config.webhookSchemes();
        allowed = config.webhookNetworks().orElse(List.of()).stream()
                .map(AddressRange::of)
                .toList();
    }

    /** What can be said of an address before anybody is asked for it. */
    void check(Checks checks, String field, String url) {
        URI uri = uri(url);
        checks.require(
                        field,
                        url != null
                                && url.length() <= MAX_URL
                                && uri != null
                                && uri.getPort() != 0
                                && uri.getPort() < 65_536,
                        "Write an address such as https://hooks.example.org/berth, of at most " + MAX_URL
                                + " characters.")
                .require(
                        field,
                        uri == null || schemes.contains(uri.getScheme().toLowerCase(Locale.ROOT)),
                        "It has to begin with "
                                + String.join(
                                        ":// or ", schemes.stream().sorted().toList()) + "://.")
                .require(
                        field,
                        uri == null || uri.getRawUserInfo() == null,
                        "Leave out the user name and the password: each call is signed.")
                .require(field, uri == null || uri.getRawFragment() == null, "Leave out what follows the #.");
        if (uri != null && literal(host(uri))) {
            try {
                resolve(url);
            } catch (UndeliveredException e) {
                checks.require(field, false, e.getMessage());
            }
        }
    }

    /**
     * Looks the name up, once. All of its addresses have to be allowed, so that nobody gets through by luck.
     *
     * @throws UndeliveredException when there is none, or one that is not to be called
     */
    Target resolve(String url) throws UndeliveredException {
        URI uri = uri(url);
        if (uri == null || !schemes.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
            throw new UndeliveredException(0, "Berth may not call addresses that begin so.");
        }
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host(uri));
        } catch (UnknownHostException e) {
            throw new UndeliveredException(0, "There is no address for the name " + host(uri) + ".");
        }
        if (!Stream.of(addresses).allMatch(this::allows)) {
            throw new UndeliveredException(
                    0,
                    host(uri)
                            + " leads into a private or local network. An admin can allow it by berth.notices.webhook-networks.");
        }
        return new Target(uri, addresses[0]);
    }

    private boolean allows(InetAddress address) {
        return AddressRange.isPublic(address) || allowed.stream().anyMatch(range -> range.contains(address));
    }

    private static boolean literal(String host) {
        return host.contains(":") || host.matches("[0-9a-fxA-FX.]+");
    }

    private static String host(URI uri) {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** @return null for what is no address with a scheme and a host */
    private static URI uri(String url) {
        try {
            URI uri = new URI(url == null ? "" : url);
            return uri.getScheme() == null || uri.getHost() == null ? null : uri;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
