package org.autotls.endpoint;

import static java.util.Objects.requireNonNull;

import org.autotls.Text;

/**
 * An endpoint string was refused. The message has three lines: what was expected, the string, and a caret under the column;
 * nothing was bound and nothing was written. The caller shows the message to whoever wrote the string.
 */
public final class EndpointException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** How much of a long string is shown on either side of the column. */
    private static final int SHOWN = 60;

    /** The endpoint string, whole. */
    private final String text;

    /** Where in it, from 1. */
    private final int column;

    /** What is wrong there, and what was expected. */
    private final String problem;

    /**
     * Makes an exception.
     *
     * @param text the whole endpoint string; only its surroundings of the column are shown
     * @param column where it went wrong, in characters, from 1; one past the end if something is missing there
     * @param problem what was expected and what was found, on one line
     */
    public EndpointException(String text, int column, String problem) {
        super(message(requireNonNull(text, "text"), column, requireNonNull(problem, "problem")));
        this.text = text;
        this.column = column;
        this.problem = problem;
    }

    /**
     * Returns the string that was refused.
     *
     * @return as it was given, unescaped
     */
    public String text() {
        return text;
    }

    /**
     * Returns where it went wrong.
     *
     * @return in characters, from 1
     */
    public int column() {
        return column;
    }

    /**
     * Returns what was expected and what was found.
     *
     * @return one line without the string
     */
    public String problem() {
        return problem;
    }

    private static String message(String text, int column, String problem) {
        int at = Math.min(Math.max(column - 1, 0), text.length());
        int from = Math.max(0, at - SHOWN);
        int to = Math.min(text.length(), at + SHOWN);
        String before = (from > 0 ? "…" : "") + Text.escape(text.substring(from, at), SHOWN);
        String after = Text.escape(text.substring(at, to), SHOWN) + (to < text.length() ? "…" : "");
        // Escaping widens characters, so the caret goes by what is shown, not by the column.
        return "bad endpoint, column " + column + ": " + problem + "\n  " + before + after + "\n  "
                + " ".repeat(before.length()) + "^";
    }
}
