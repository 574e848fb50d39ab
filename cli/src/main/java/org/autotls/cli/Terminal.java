package org.autotls.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command's words go. Colours and moving lines are for terminals only, and {@code NO_COLOR} (no-color.org) is heeded.
 *
 * @param out standard output
 * @param err standard error
 * @param outIsTerminal whether a person reads standard output
 * @param errIsTerminal whether a person reads standard error
 * @param coloured whether colours are wanted on a terminal
 */
record Terminal(PrintWriter out, PrintWriter err, boolean outIsTerminal, boolean errIsTerminal, boolean coloured) {

    /**
     * The process's own. Java cannot tell what a stream is connected to, so the launcher script does: the system property
     * {@code autotls.terminal} holds {@code out}, {@code err} or both.
     */
    static Terminal system() {
        String terminals = System.getProperty("autotls.terminal", "");
        return of(terminals, System.getenv());
    }

    static Terminal of(String terminals, Map<String, String> environment) {
        boolean coloured =
                environment.getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(environment.get("TERM"));
        return new Terminal(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                terminals.contains("out"),
                terminals.contains("err"),
                coloured);
    }

    Ansi ansi() {
        return coloured && outIsTerminal && errIsTerminal ? Ansi.ON : Ansi.OFF;
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new FileOutputStream(descriptor), true, Main.charset());
    }
}
