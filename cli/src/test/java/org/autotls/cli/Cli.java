package org.autotls.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs commands in this JVM and keeps what they print. One thread at a time. */
final class Cli {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final StopSignal stop = new StopSignal();
    private final Terminal terminal;

    Cli() {
        this(false, true);
    }

    Cli(boolean isTerminal, boolean coloured) {
        this.terminal =
                new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), isTerminal, isTerminal, coloured);
    }

    int run(String... args) {
        return Main.commandLine(new CommandContext(terminal, stop)).execute(args);
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
