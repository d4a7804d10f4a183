package dev.berth.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.ProvidedPerson;
import dev.berth.security.ProviderAccounts;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of what an identity provider says. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ProvidedAccountsTest {
    private static final Caller ADMIN = Caller.system("test");

    @Inject
    ProviderAccounts accounts;

    @Inject
    Tenants tenants;

    @Inject
    Members members;

    @Inject
    UnknownTeams unknown;

    @Inject
    EntityManager em;

    @Inject
    Portal portal;

    private final String subject = UUID.randomUUID().toString();
    private String slug;
    private Tenant tenant;

    @BeforeEach
    void make() {
        portal.make();
        slug = portal.tenant(1);
        tenant = tenants.get(ADMIN, slug);
    }

    private User signIn(String name, boolean admin, Map<String, TenantRole> roles) {
        return accounts.account(new ProvidedPerson(
                "https://sso.example", subject, name, "Somebody", subject + "@example.org", true, admin, false, roles));
    }

    private TenantRole role(User user) {
        return tenants.of(user).get(tenant);
    }

    @Test
    void rightsComeAndGo() {
        User user = signIn("Zoë.Example@x.org", true, Map.of(slug, TenantRole.OWNER));
        assertThat(user.username()).startsWith("zoe.example");
        assertThat(user.admin()).isTrue();
        assertThat(role(user)).isEqualTo(TenantRole.OWNER);
        User again = signIn("somebody-else", false, Map.of(slug, TenantRole.MEMBER));
        assertThat(again.id()).isEqualTo(user.id());
        assertThat(again.username()).isEqualTo(user.username());
        assertThat(again.admin()).isFalse();
        assertThat(role(user)).isEqualTo(TenantRole.MEMBER);
        signIn("", false, Map.of());
        assertThat(role(user)).isNull();
    }

    @Test
    void nobodyBecomesALocalAccountByItsName() {
        User user = signIn("alice", false, Map.of());
        assertThat(user.username()).startsWith("alice-");
        assertThat(user.provided()).isTrue();
        assertThat(signIn("Berth", false, Map.of()).id()).isEqualTo(user.id());
    }

    @Test
    void whatWasGivenHereStays() {
        User user = signIn("given", false, Map.of());
        members.add(ADMIN, tenant, user.username(), TenantRole.MEMBER);
        signIn("given", false, Map.of(slug, TenantRole.OWNER));
        assertThat(role(user)).isEqualTo(TenantRole.OWNER);
        assertThatThrownBy(() -> members.remove(ADMIN, tenant, user.username()))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("identity provider");
        signIn("given", false, Map.of());
        assertThat(role(user)).isEqualTo(TenantRole.MEMBER);
        members.remove(ADMIN, tenant, user.username());
        assertThat(role(user)).isNull();
    }

    @Test
    void aTeamThatIsMadeLaterCounts() {
        String later = slug + "-later";
        User user = signIn("early", false, Map.of(later, TenantRole.MEMBER));
        assertThat(tenants.of(user)).isEmpty();
        assertThat(named(later)).singleElement().satisfies(team -> {
            assertThat(team.usernames()).containsExactly(user.username());
            assertThat(team.people()).isEqualTo(1);
        });
        assertThat(Browser.of("admin").html("/admin/tenants"))
                .contains("Groups that name no team", "href=\"/admin/tenants?slug=" + later + "#new-title\"");
        assertThat(Browser.of("admin").html("/admin/tenants?slug=" + later)).contains("value=\"" + later + "\"");
        signIn("early", false, Map.of());
        assertThat(named(later)).as("nobody is in it any more").isEmpty();
        signIn("early", false, Map.of(later, TenantRole.MEMBER));
        Tenant made = tenants.create(ADMIN, later, "Later", Map.of());
        signIn("early", false, Map.of(later, TenantRole.MEMBER));
        assertThat(tenants.of(user)).containsKey(made);
        assertThat(named(later)).isEmpty();
    }

    private List<UnknownTeam> named(String team) {
        return unknown.list(ADMIN).stream()
                .filter(one -> one.slug().equals(team))
                .toList();
    }

    @Test
    void invitationsAreTakenUp() {
        QuarkusTransaction.requiringNew().run(() -> em.createNativeQuery(
                        """
                                insert into invitation (id, tenant_id, email, role, invited_by, created_at, expires_at)
                                 values (gen_random_uuid(), :tenant, :email, 'OWNER', 'bob', now(), now() + interval '1 day')""")
                .setParameter("tenant", tenant.id())
                .setParameter("email", subject + "@example.org")
                .executeUpdate());
        User user = signIn("invited", false, Map.of());
        assertThat(role(user)).isEqualTo(TenantRole.OWNER);
        signIn("invited-again", false, Map.of());
        assertThat(role(user)).isEqualTo(TenantRole.OWNER);
    }
}
