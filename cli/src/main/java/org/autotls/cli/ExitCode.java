package org.autotls.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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
    CA(5, "the CA or a DNS server cannot be reached or refuses us, or the CA's terms are not agreed to"),
    /** Nothing was tried, but it would fail. */
    WOULD_FAIL(6, "doctor: something would make issuing fail"),
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

    /** The table as picocli shows it in help: code to meaning. */
    static Map<String, String> table() {
        Map<String, String> table = new LinkedHashMap<>();
        Arrays.stream(values()).forEach(value -> table.put(" " + value.code, value.meaning));
        return table;
    }

    /** The same table as it stands in {@code docs/operations.md}. */
    static String markdown() {
        return Arrays.stream(values())
                .map(value -> "| " + value.code + " | " + value.meaning + " |\n")
                .collect(Collectors.joining("", "| code | meaning |\n|---|---|\n", ""));
    }
}
