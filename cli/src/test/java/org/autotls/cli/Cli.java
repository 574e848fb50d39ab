package org.autotls.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** Runs commands in this JVM and keeps what they print. One thread at a time. */
final class Cli {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final StopSignal stop = new StopSignal();
    private final CommandContext context;

    Cli() {
        this(false, true);
    }

    Cli(boolean isTerminal, boolean coloured) {
        this(isTerminal, coloured, HttpEngine.TEMPORARY);
    }

    /** Makes temporary files in {@code temporary}. */
    Cli(Path temporary) {
        this(false, true, temporary);
    }

    private Cli(boolean isTerminal, boolean coloured, Path temporary) {
        Terminal terminal =
                new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), isTerminal, isTerminal, coloured);
        this.context = new CommandContext(terminal, stop, temporary);
    }

    int run(String... args) {
        return Main.commandLine(context).execute(args);
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    StopSignal stop() {
        return stop;
    }
}
