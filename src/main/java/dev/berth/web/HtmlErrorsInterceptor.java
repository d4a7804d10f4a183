package dev.berth.web;

import dev.berth.common.ProblemException;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Turns what a page's method throws into an error page in the layout, with a way onward. */
@HtmlErrors
@Interceptor
@Priority(Interceptor.Priority.APPLICATION)
class HtmlErrorsInterceptor {
    private static final Logger LOG = Logger.getLogger(HtmlErrorsInterceptor.class);

    private final ErrorPage errors;

    HtmlErrorsInterceptor(ErrorPage errors) {
        this.errors = errors;
    }

    @AroundInvoke
    Object around(InvocationContext context) throws Exception {
        if (!Response.class.equals(context.getMethod().getReturnType())) {
            return context.proceed();
        }
        try {
            return context.proceed();
        } catch (ProblemException e) {
            return errors.show(e.kind().status(), e.getMessage());
        } catch (SecurityException | WebApplicationException e) {
            // The login page's and JAX-RS's own business.
            throw e;
        } catch (RuntimeException e) {
            UUID reference = UUID.randomUUID();
            LOG.errorf(e, "A page failed; shown as %s", reference);
            return errors.show(500, "Something went wrong here. The log has the reason under " + reference + ".");
        }
    }
}
