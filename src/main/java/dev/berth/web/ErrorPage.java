package dev.berth.web;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;

/** The page for what can't be shown: what happened in plain words, and a way onward. */
@ApplicationScoped
public class ErrorPage {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance error(int status, String title, String sentence);
    }

    Response show(int status, String sentence) {
        return Html.page(status, template(status, sentence));
    }

    static TemplateInstance template(int status, String sentence) {
        return Templates.error(status, title(status), sentence);
    }

    static String sentence(int status) {
        return switch (status) {
            case 401 -> "Sign in to see this page.";
            case 403 -> "Your account may not do this. Ask an admin if it should.";
            case 404 -> "There is nothing at this address, or it belongs to another team.";
            case 405 -> "This address takes forms only. Go back to the page that you came from.";
            case 413 -> "That was too large to be taken.";
            default ->
                status < 500
                        ? "Berth did not understand this. Go back and try again."
                        : "Something went wrong here. Try again; if it stays, an admin finds the reason in the log.";
        };
    }

    private static String title(int status) {
        return switch (status) {
            case 401 -> "Please sign in";
            case 403 -> "Not allowed";
            case 404 -> "Not found";
            case 409 -> "That is not possible now";
            case 503 -> "Not available right now";
            default -> status < 500 ? "That did not work" : "Something went wrong";
        };
    }
}
