package dev.berth.web;

import dev.berth.common.ProblemException;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/** Answers that pages give. Rendered at once, so that what a template asks for runs on the request's own thread. */
final class Html {
    static final int UNPROCESSABLE = 422;
    private static final String TYPE = "text/html;charset=UTF-8";

    private Html() {}

    static Response page(TemplateInstance template) {
        return page(200, template);
    }

    static Response page(int status, TemplateInstance template) {
        return Response.status(status)
                .entity(template.render())
                .header(HttpHeaders.CONTENT_TYPE, TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** Several fragments for htmx, which puts each where its id is. */
    static Response pieces(TemplateInstance... pieces) {
        String html = Arrays.stream(pieces)
                .filter(Objects::nonNull)
                .map(TemplateInstance::render)
                .collect(Collectors.joining());
        return Response.ok(html)
                .header(HttpHeaders.CONTENT_TYPE, TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** Nothing is there any more: htmx takes the element away. */
    static Response nothing() {
        return Response.ok("")
                .header(HttpHeaders.CONTENT_TYPE, TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** What is not this person's to do is an error's page, and no word beside a form that they were never shown. */
    static void requireTheirs(ProblemException problem) {
        if (problem.kind() == ProblemException.Kind.FORBIDDEN || problem.kind() == ProblemException.Kind.NOT_FOUND) {
            throw problem;
        }
    }

    /** After a form: the browser gets this page anew, and a reload does not send the form again. */
    static Response seeOther(String path) {
        return Response.status(Response.Status.SEE_OTHER)
                .header(HttpHeaders.LOCATION, path)
                .build();
    }
}
