package dev.berth.notices;

import java.net.URI;

/** Links to pages for people who read elsewhere. */
final class Links {
    private Links() {}

    static String absolute(URI publicUrl, String path) {
        String base = publicUrl.toString();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
    }
}
