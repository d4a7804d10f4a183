package dev.berth.common;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Judges addresses that people type and that Berth is to call: otherwise whoever types one reaches, through Berth, what
 * only this network should. Nothing but the public network may be called, unless an admin has named a network.
 */
public final class UrlGuard {
    private static final int MAX_PORT = 65_535;

    /** Berth does not call this; the message says why, as a sentence. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        public RefusedException(String message) {
            super(message);
        }
    }

    /** An address that was looked up once; the call goes to it, whatever the name means by then. */
    public record Target(URI uri, InetAddress address) {
        public boolean secure() {
            return uri.getScheme().equalsIgnoreCase("https");
        }

        /** Without the brackets of an IPv6 address. */
        public String host() {
            return UrlGuard.host(uri);
        }

        public int port() {
            return UrlGuard.port(uri);
        }

        public String pathAndQuery() {
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return uri.getRawQuery() == null ? path : path + '?' + uri.getRawQuery();
        }
    }

    private final Set<String> schemes;
    private final List<AddressRange> allowed;
    private final String networksKey;

    /**
     * @param schemes in lower case
     * @param networks (CIDR) that may be called though they are not public
     * @param networksKey the configuration key where those stand, to be named to people
     */
    public UrlGuard(Set<String> schemes, List<String> networks, String networksKey) {
        this.schemes = Set.copyOf(schemes);
        this.allowed = networks.stream().map(AddressRange::of).toList();
        this.networksKey = networksKey;
    }

    /** The address, if it has a scheme, a host and a possible port. */
    public static Optional<URI> parse(String url) {
        try {
            URI uri = new URI(url == null ? "" : url);
            return uri.getScheme() == null || uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > MAX_PORT
                    ? Optional.empty()
                    : Optional.of(uri);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    public boolean allowsScheme(URI uri) {
        return schemes.contains(uri.getScheme().toLowerCase(Locale.ROOT));
    }

    /** {@code https://}, or all of them. */
    public String schemeWords() {
        return String.join(":// or ", schemes.stream().sorted().toList()) + "://";
    }

    /** Whether the host is an address itself, in any of its ways to be written. */
    public static boolean literal(URI uri) {
        String host = host(uri);
        return host.contains(":") || host.matches("[0-9a-fxA-FX.]+");
    }

    /** Without the brackets of an IPv6 address. */
    public static String host(URI uri) {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    public static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /**
     * Looks the name up, once. All of its addresses have to be allowed, so that nobody gets through by luck.
     *
     * @throws RefusedException when there is none, or one that is not to be called
     */
    public Target resolve(URI uri) throws RefusedException {
        if (!allowsScheme(uri)) {
            throw new RefusedException("Berth may not call addresses that begin so.");
        }
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host(uri));
        } catch (UnknownHostException e) {
            throw new RefusedException("There is no address for the name " + host(uri) + ".");
        }
        if (!Stream.of(addresses).allMatch(this::allows)) {
            throw new RefusedException(host(uri) + " leads into a private or local network. An admin can allow it by "
                    + networksKey + ".");
        }
        return new Target(uri, addresses[0]);
    }

    /** Whether this address may be called. */
    boolean allows(InetAddress address) {
        return AddressRange.isPublic(address) || allowed.stream().anyMatch(range -> range.contains(address));
    }
}
