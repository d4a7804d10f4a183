package dev.berth.tenancy;

import dev.berth.common.BerthConfig;
import dev.berth.common.ProblemException;
import dev.berth.security.AuthConfig;
import dev.berth.security.Caller;
import dev.berth.security.Users;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;

/** Makes the account that all others come from, when there is none at all. */
@ApplicationScoped
class FirstAdmin {
    private final BerthConfig berth;
    private final AuthConfig auth;
    private final Users users;
    private final Accounts accounts;

    FirstAdmin(BerthConfig berth, AuthConfig auth, Users users, Accounts accounts) {
        this.berth = berth;
        this.auth = auth;
        this.users = users;
        this.accounts = accounts;
    }

    @Transactional
    void make(@Observes StartupEvent event) {
        if (auth.firstAdminPassword().isEmpty() || !berth.web() || berth.demo() || !users.none()) {
            return;
        }
        try {
            accounts.create(
                    Caller.system("first start"),
                    "admin",
                    "Admin",
                    true,
                    auth.firstAdminPassword().get());
        } catch (ProblemException e) {
            throw new IllegalStateException("berth.auth.first-admin-password can't be used: " + e.getMessage(), e);
        }
    }
}
