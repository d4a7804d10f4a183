package dev.berth.web;

import dev.berth.common.PageProblems;
import dev.berth.common.Problem;
import io.quarkus.arc.Arc;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.runtime.BlockingOperationControl;
import io.quarkus.security.UnauthorizedException;
import jakarta.inject.Singleton;

/** The page for what can't be shown: what happened in plain words, and a way onward. */
@Singleton
class ErrorPages implements PageProblems {
    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Templates {
        static native TemplateInstance error(int status, String title, String sentence);

        static native TemplateInstance errorPlain(int status, String title, String sentence);
    }

    private final Chrome chrome;

    ErrorPages(Chrome chrome) {
        this.chrome = chrome;
    }

    @Override
    public String html(Problem problem) {
        String title = title(problem.status());
        return framed(problem)
                ? Templates.error(problem.status(), title, problem.detail()).render()
                : Templates.errorPlain(problem.status(), title, problem.detail())
                        .render();
    }

    /** The side bar asks the database: not when that may be what failed, and not where nothing may wait. */
    private boolean framed(Problem problem) {
        try {
            return problem.status() < 500
                    && BlockingOperationControl.isBlockingAllowed()
                    && Arc.container().requestContext().isActive()
                    && chrome.signedIn()
                    && chrome.caller() != null;
        } catch (UnauthorizedException e) {
            return false;
        }
    }

    private static String title(int status) {
        return switch (status) {
            case 401 -> "Please sign in";
            case 403 -> "Not allowed";
            case 404 -> "Not found";
            case 405 -> "Nothing to see at this address";
            case 409 -> "That is not possible now";
            case 503 -> "Not available right now";
            default -> status < 500 ? "That did not work" : "Something went wrong";
        };
    }
}
