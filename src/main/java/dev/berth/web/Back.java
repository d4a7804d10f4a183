package dev.berth.web;

import java.util.regex.Pattern;

/** Where a form leads back to. What a form says is only taken when it stays on this site. */
final class Back {
    /** A path of ours: one slash, then nothing that a browser could take for a host or a line end. */
    private static final Pattern OURS = Pattern.compile("/(?![/\\\\])[\\x21-\\x7e&&[^\\\\]]*");

    private Back() {}

    static String to(String wanted, String otherwise) {
        return wanted != null
                        && wanted.length() <= 2_000
                        && OURS.matcher(wanted).matches()
                ? wanted
                : otherwise;
    }
}
