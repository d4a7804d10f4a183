package dev.berth.security;

import java.util.regex.Pattern;

/** The mail addresses that people have (RFC 5321's dot-string and host names): nothing that a header could end at. */
public final class EmailAddress {
    private static final int LONGEST = 200;
    private static final Pattern FORM = Pattern.compile(
            "[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*");

    private EmailAddress() {}

    public static boolean fits(String text) {
        return text.length() <= LONGEST && FORM.matcher(text).matches();
    }
}
