package dev.berth.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProviderClaimsTest {
    private static final JsonObject TOKEN =
            json("{'sub': 's', 'preferred_username': 'old', 'groups': ['/berth/admins']}");

    private static JsonObject json(String text) {
        return Json.createReader(new StringReader(text.replace('\'', '"'))).readObject();
    }

    private static ProvidedPerson person(Map<String, String> settings, JsonObject userInfo) {
        Map<String, String> all = new HashMap<>();
        settings.forEach((key, value) -> all.put("berth.auth.oidc." + key, value));
        ProviderConfig config = new SmallRyeConfigBuilder()
                .withMapping(ProviderConfig.class)
                .withDefaultValues(all)
                .build()
                .getConfigMapping(ProviderConfig.class);
        return new ProviderClaims(config).person("https://sso.example", "s", TOKEN, userInfo);
    }

    @Test
    void groupsAreRights() {
        ProvidedPerson person = person(
                Map.of(),
                json("{'sub': 's', 'preferred_username': 'dora', 'name': 'Dora Dale', 'email': 'Dora@Example.org',"
                        + " 'email_verified': true, 'groups': ['/berth/tenants/blue/owner', '/berth/tenants/blue/member',"
                        + " 'berth/tenants/green/member', '/berth/auditors', '/berth/admins/not', '/berth/tenants/x/y/owner',"
                        + " '/berth/tenants/UP/owner', 7]}"));
        assertThat(person.username()).isEqualTo("dora");
        assertThat(person.displayName()).isEqualTo("Dora Dale");
        assertThat(person.email()).isEqualTo("dora@example.org");
        assertThat(person.verified()).isTrue();
        // What UserInfo says goes before what the token said.
        assertThat(person.admin()).isFalse();
        assertThat(person.auditor()).isTrue();
        assertThat(person.tenants())
                .containsExactlyInAnyOrderEntriesOf(Map.of("blue", TenantRole.OWNER, "green", TenantRole.MEMBER));
    }

    @Test
    void whereTheGroupsAreIsConfigured() {
        ProvidedPerson person = person(
                Map.of(
                        "groups-claim", "\"https://x/y\"/roles",
                        "admin-groups", "ops,sre",
                        "member-groups", "team-{tenant}"),
                json("{'sub': 's', 'https://x/y': {'roles': ['sre', 'team-blue', 'team-']}}"));
        assertThat(person.admin()).isTrue();
        assertThat(person.tenants()).containsExactly(Map.entry("blue", TenantRole.MEMBER));
        // A provider that says nothing of groups in UserInfo has said it in the token.
        assertThat(person(Map.of(), json("{'sub': 's'}")).admin()).isTrue();
    }

    @Test
    void theFirstAdminsAddressIsConfirmed() {
        Map<String, String> first = Map.of("first-admin", "dora@example.org");
        String claims = "{'sub': 's', 'groups': [], 'email': 'dora@example.org', 'email_verified': %s}";
        assertThat(person(first, json(claims.formatted("true"))).admin()).isTrue();
        assertThat(person(first, json(claims.formatted("'true'"))).admin()).isTrue();
        assertThat(person(first, json(claims.formatted("false"))).admin()).isFalse();
        assertThat(person(first, json("{'sub': 's', 'groups': []}")).admin()).isFalse();
        assertThat(person(
                                Map.of("first-admin", "dora"),
                                json("{'sub': 's', 'groups': [], 'preferred_username': 'dora'}"))
                        .admin())
                .isTrue();
    }

    @Test
    void whatNobodyIsCalledIsLeftOut() {
        ProvidedPerson person = person(
                Map.of(),
                json("{'sub': 's', 'name': 'Dora\\r\\nBcc: x', 'email': 'a@b\\r\\nBcc: x@y', 'email_verified': true}"));
        assertThat(person.displayName()).isEqualTo("DoraBcc: x");
        assertThat(person.email()).isEmpty();
        assertThat(person.verified()).isFalse();
    }
}
