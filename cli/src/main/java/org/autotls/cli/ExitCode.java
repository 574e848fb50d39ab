package org.autotls.cli;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What the process returns to its caller. The table is part of each command's help and of {@code docs/operations.md}. */
enum ExitCode {
    /** Done; or a server that was asked to stop and did. */
    OK(0, "done; for a server: stopped when asked to (SIGTERM, SIGINT)"),
    /** At least one certificate could not be issued. */
    NOT_ISSUED(1, "a certificate could not be issued"),
    /** The command line was wrong. */
    USAGE(2, "wrong command line, endpoint string or name"),
    /** A directory or file cannot be used. */
    DIRECTORY(3, "a directory or file is missing, not writable, or in use"),
    /** A port cannot be listened on. */
    BIND(4, "cannot listen on the port"),
    /** The CA cannot be used. */
    CA(5, "the CA cannot be reached, or its terms are not agreed to"),
    /** A fault of ours. */
    BUG(70, "a fault in autotls itself; please report it");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    /** One entry per code, in the form picocli shows and Markdown is made from: {@code code:meaning}. */
    static String[] table() {
        // picocli splits at the first colon.
        return Arrays.stream(values()).map(c -> " " + c.code + ":" + c.meaning).toArray(String[]::new);
    }

    /** The same table for {@code docs/operations.md}. */
    static String markdown() {
        return Arrays.stream(values())
                .map(c -> "| " + c.code + " | " + c.meaning + " |")
                .collect(Collectors.joining("\n", "| code | meaning |\n|---|---|\n", "\n"));
    }
}
