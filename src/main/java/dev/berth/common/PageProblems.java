package dev.berth.common;

/** How a request for a page that failed is shown to a person. Whoever makes the pages provides it. */
public interface PageProblems {
    /** @return a whole HTML page */
    String html(Problem problem);
}
