package dev.berth.catalog;

import java.util.List;

/** What an advisor asks: the name of the question and its answers, as forms send them. */
public record Question(String name, String text, List<Answer> answers) {
    static final Answer ANY = new Answer("", "It does not matter");

    /** @param value empty for "it does not matter" */
    public record Answer(String value, String text) {}
}
