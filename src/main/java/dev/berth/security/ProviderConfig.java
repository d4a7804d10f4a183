package dev.berth.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The OpenID Connect provider and what its word is worth here ({@code berth.auth.oidc.*}). */
@ConfigMapping(prefix = "berth.auth.oidc")
public interface ProviderConfig {
    /** In the names of groups, where the short name of a tenant stands. */
    String TENANT = "{tenant}";

    /** Where its discovery document lies, without {@code /.well-known/openid-configuration}. */
    Optional<String> issuer();

    @WithDefault("berth")
    String clientId();

    Optional<String> clientSecret();

    /** A file with the secret, read at start. */
    Optional<Path> clientSecretFile();

    /** What is asked for beside {@code openid}. */
    @WithDefault("profile,email")
    Set<String> scopes();

    /** What a person's user name is made from. */
    @WithDefault("preferred_username")
    String usernameClaim();

    /** Where the groups are: names of claims from the outer to the inner one, with slashes between them. */
    @WithDefault("groups")
    String groupsClaim();

    @WithDefault("/berth/admins")
    Set<String> adminGroups();

    @WithDefault("/berth/auditors")
    Set<String> auditorGroups();

    @WithDefault("/berth/tenants/{tenant}/owner")
    Set<String> ownerGroups();

    @WithDefault("/berth/tenants/{tenant}/member")
    Set<String> memberGroups();

    /** Who is an admin whatever the groups say: a user name at the provider or a confirmed mail address. */
    Optional<String> firstAdmin();
}
