package dev.berth.security;

import dev.berth.common.PageProblems;
import dev.berth.common.Problem;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ManagedContext;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;

/** What somebody who is signed in gets for what is not theirs to ask, or is not there: see {@link RouteRules}. */
@ApplicationScoped
class RefusedPages {
    private final Instance<PageProblems> pages;
    private final CurrentVertxRequest current;
    private final CurrentIdentityAssociation identities;

    RefusedPages(Instance<PageProblems> pages, CurrentVertxRequest current, CurrentIdentityAssociation identities) {
        this.pages = pages;
        this.current = current;
        this.identities = identities;
    }

    void failures(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(context -> {
            Problem why = context.get(Refusals.WHY);
            if (why == null || !(context.failure() instanceof ForbiddenException)) {
                context.next();
            } else if (Refusals.isApi(context) || !pages.isResolvable()) {
                Refusals.problem(context, why);
            } else {
                page(context, why);
            }
        });
    }

    /** A page asks the database for its frame: not on the thread that all requests share. */
    private void page(RoutingContext context, Problem why) {
        context.vertx()
                .executeBlocking(() -> html(context, why), false)
                .onSuccess(html -> {
                    if (!context.response().ended() && !context.response().closed()) {
                        context.response()
                                .setStatusCode(why.status())
                                .putHeader("Content-Type", "text/html;charset=UTF-8")
                                .putHeader("Cache-Control", "no-store")
                                .end(html);
                    }
                })
                .onFailure(failure -> Refusals.problem(context, why));
    }

    private String html(RoutingContext context, Problem why) {
        ManagedContext request = Arc.container().requestContext();
        boolean own = !request.isActive();
        if (own) {
            request.activate();
        }
        try {
            current.setCurrent(context);
            // Whom no account stands for gets the page without a frame.
            if (context.user() instanceof QuarkusHttpUser user
                    && Users.of(user.getSecurityIdentity()).isPresent()) {
                identities.setIdentity(user.getSecurityIdentity());
            }
            return pages.get().html(why);
        } finally {
            if (own) {
                request.terminate();
            }
        }
    }
}
