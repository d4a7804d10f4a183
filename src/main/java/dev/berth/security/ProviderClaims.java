package dev.berth.security;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes sense of what a provider says of a person. What it says last counts: UserInfo's claims, which are read anew, go
 * before those of the ID token, which are as old as the login.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#Claims">OpenID Connect Core, section 5</a>
 */
@ApplicationScoped
class ProviderClaims {
    private static final int LONGEST_NAME = 100;
    /** Names of claims may have slashes themselves, and are quoted then. */
    private static final Pattern STEP = Pattern.compile("\"([^\"]+)\"|([^/]+)");

    private static final String SLUG = "([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)";

    private final ProviderConfig config;
    private final List<Pattern> owners;
    private final List<Pattern> members;

    ProviderClaims(ProviderConfig config) {
        this.config = config;
        this.owners = patterns(config.ownerGroups());
        this.members = patterns(config.memberGroups());
    }

    private static List<Pattern> patterns(Set<String> groups) {
        return groups.stream()
                .map(group -> Pattern.compile(
                        Pattern.quote(bare(group)).replace(ProviderConfig.TENANT, "\\E" + SLUG + "\\Q")))
                .toList();
    }

    /**
     * @param token the ID token's claims
     * @param userInfo those of UserInfo
     */
    ProvidedPerson person(String issuer, String subject, JsonObject token, JsonObject userInfo) {
        List<JsonObject> said = List.of(userInfo, token);
        List<String> groups = said.stream()
                .map(claims -> at(claims, config.groupsClaim()))
                .flatMap(Optional::stream)
                .findFirst()
                .map(ProviderClaims::texts)
                .orElseGet(List::of);
        String username = text(said, config.usernameClaim());
        String email = email(text(said, "email"));
        boolean verified = said.stream()
                .filter(claims -> claims.containsKey("email"))
                .findFirst()
                .map(claims -> isTrue(claims.get("email_verified")))
                .orElse(false);
        return new ProvidedPerson(
                issuer,
                subject,
                username,
                displayName(said, username),
                email,
                verified && !email.isEmpty(),
                in(groups, config.adminGroups()) || first(username, email, verified),
                in(groups, config.auditorGroups()),
                tenants(groups));
    }

    private boolean first(String username, String email, boolean verified) {
        return config.firstAdmin()
                .filter(first -> first.equalsIgnoreCase(username) || (verified && first.equalsIgnoreCase(email)))
                .isPresent();
    }

    private Map<String, TenantRole> tenants(List<String> groups) {
        Map<String, TenantRole> found = new HashMap<>();
        for (String group : groups) {
            match(members, group).forEach(slug -> found.putIfAbsent(slug, TenantRole.MEMBER));
            match(owners, group).forEach(slug -> found.put(slug, TenantRole.OWNER));
        }
        return found;
    }

    private static Stream<String> match(List<Pattern> patterns, String group) {
        return patterns.stream()
                .map(pattern -> pattern.matcher(bare(group)))
                .filter(matcher -> matcher.matches() && matcher.groupCount() > 0)
                .map(matcher -> matcher.group(1));
    }

    private static boolean in(List<String> groups, Set<String> wanted) {
        return groups.stream()
                .anyMatch(group -> wanted.stream().anyMatch(one -> bare(one).equals(bare(group))));
    }

    /** Some providers begin a group's path with a slash, and some don't. */
    private static String bare(String group) {
        return group.startsWith("/") ? group.substring(1) : group;
    }

    private static Optional<JsonValue> at(JsonObject claims, String path) {
        JsonValue value = claims;
        Matcher steps = STEP.matcher(path);
        while (steps.find()) {
            String step = steps.group(1) == null ? steps.group(2) : steps.group(1);
            if (!(value instanceof JsonObject object) || !object.containsKey(step)) {
                return Optional.empty();
            }
            value = object.get(step);
        }
        return Optional.of(value);
    }

    private static List<String> texts(JsonValue value) {
        if (value instanceof JsonString one) {
            return List.of(one.getString());
        }
        List<String> found = new ArrayList<>();
        if (value instanceof JsonArray many) {
            many.forEach(one -> {
                if (one instanceof JsonString text) {
                    found.add(text.getString());
                }
            });
        }
        return found;
    }

    private static String text(List<JsonObject> said, String path) {
        return said.stream()
                .map(claims -> at(claims, path))
                .flatMap(Optional::stream)
                .map(value ->
                        value instanceof JsonString text ? text.getString().strip() : "")
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** One line for people; nothing in it is believed. */
    private static String displayName(List<JsonObject> said, String username) {
        String name = text(said, "name");
        if (name.isEmpty()) {
            name = (text(said, "given_name") + " " + text(said, "family_name")).strip();
        }
        if (name.isEmpty()) {
            name = username;
        }
        String line = name.codePoints()
                .filter(point -> !Character.isISOControl(point))
                .limit(LONGEST_NAME)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.isBlank() ? "Somebody" : line.strip();
    }

    /** An address that could do harm in a mail's header is none. */
    private static String email(String text) {
        return EmailAddress.fits(text) ? text.toLowerCase(Locale.ROOT) : "";
    }

    /** Some providers say it as text. */
    private static boolean isTrue(JsonValue value) {
        return JsonValue.TRUE.equals(value)
                || (value instanceof JsonString text && text.getString().equals("true"));
    }
}
