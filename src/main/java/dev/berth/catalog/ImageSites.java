package dev.berth.catalog;

import dev.berth.common.Checks;
import dev.berth.common.UrlGuard;
import dev.berth.common.UrlGuard.RefusedException;
import dev.berth.common.UrlGuard.Target;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where images may be fetched from: hosts that the configuration names, and of those only what is public. */
@ApplicationScoped
class ImageSites {
    static final String OFF = "Images are not fetched from other hosts here: berth.library.url-hosts names none.";

    private static final int MAX_URL = 2_000;
    private static final Pattern ENTRY = Pattern.compile("(\\*\\.)?([a-z0-9.-]+|\\[[0-9a-f:.]+])(?::(\\d{1,5}|\\*))?");
    private static final Pattern PACKED =
            Pattern.compile(".*\\.(xz|gz|tgz|bz2|zst|lz4|lzma|zip|7z|tar|rar|ova|Z)", Pattern.CASE_INSENSITIVE);

    /** One entry of the list. @param port null for the scheme's usual one, empty for any */
    private record Site(boolean below, String host, Optional<Integer> port) {
        static Site of(String text) {
            Matcher matcher = ENTRY.matcher(text.strip().toLowerCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "Not a host: " + text + ". Write berth.library.url-hosts as cloud.example.org,*.example.net.");
            }
            String port = matcher.group(3);
            String host = matcher.group(2).replace("[", "").replace("]", "");
            return new Site(
                    matcher.group(1) != null,
                    host,
                    port == null ? null : port.equals("*") ? Optional.empty() : Optional.of(Integer.parseInt(port)));
        }

        boolean has(URI uri) {
            String name = UrlGuard.host(uri).toLowerCase(Locale.ROOT);
            boolean named = below ? name.endsWith('.' + host) && name.length() > host.length() + 1 : name.equals(host);
            int usual = uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
            int called = UrlGuard.port(uri);
            return named && (port == null ? called == usual : port.isEmpty() || port.get() == called);
        }
    }

    private final List<Site> sites;
    private final UrlGuard guard;

    ImageSites(LibraryConfig config) {
        sites = config.urlHosts().orElse(List.of()).stream().map(Site::of).toList();
        guard = new UrlGuard(config.urlSchemes(), config.urlNetworks().orElse(List.of()), "berth.library.url-networks");
    }

    boolean on() {
        return !sites.isEmpty();
    }

    /** What can be said of an address before anybody is asked for it. */
    void check(Checks checks, String field, String url) {
        String problem = "";
        if (url == null || url.length() > MAX_URL || UrlGuard.parse(url).isEmpty()) {
            problem = "Write an address such as https://cloud.example.org/disk.qcow2, of at most " + MAX_URL
                    + " characters.";
        } else {
            try {
                judge(UrlGuard.parse(url).get());
            } catch (RefusedException e) {
                problem = e.getMessage();
            }
        }
        checks.require(field, problem.isEmpty(), problem);
    }

    /** The image's own address. What is packed stays so: a file that is small can become as large as it likes. */
    void checkImage(Checks checks, String field, String url) {
        check(checks, field, url);
        boolean packed = UrlGuard.parse(url)
                .map(URI::getPath)
                .filter(path -> PACKED.matcher(path).matches())
                .isPresent();
        checks.require(
                field,
                !packed,
                "Berth unpacks nothing. Give the address of the image itself, or unpack it and upload that.");
    }

    private void judge(URI uri) throws RefusedException {
        if (!on()) {
            throw new RefusedException(OFF);
        }
        if (uri.getRawUserInfo() != null) {
            throw new RefusedException("Leave out the user name and the password: they would be kept and shown.");
        }
        if (!guard.allowsScheme(uri)) {
            throw new RefusedException("It has to begin with " + guard.schemeWords() + ".");
        }
        if (sites.stream().noneMatch(site -> site.has(uri))) {
            throw new RefusedException("Images are not fetched from " + UrlGuard.host(uri) + " at port "
                    + UrlGuard.port(uri) + ": berth.library.url-hosts does not name it.");
        }
    }

    /** Judges the address and looks its name up, once: what is called is what was judged. */
    Target resolve(URI uri) throws RefusedException {
        judge(uri);
        return guard.resolve(uri);
    }

    /**
     * Where a redirect leads; to be judged like any other address.
     *
     * @param location as the server sent it
     */
    static URI follow(URI from, String location) throws RefusedException {
        URI to;
        try {
            to = UrlGuard.parse(from.resolve(location == null ? "" : location).toString())
                    .orElseThrow(() -> new RefusedException("It leads to an address that is none."));
        } catch (IllegalArgumentException e) {
            throw new RefusedException("It leads to an address that is none.");
        }
        if (from.getScheme().equalsIgnoreCase("https") && !to.getScheme().equalsIgnoreCase("https")) {
            throw new RefusedException("It leads from https to an address that is not encrypted.");
        }
        return to;
    }
}
