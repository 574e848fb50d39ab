package org.autotls.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** How much is logged; an option of every command. */
final class LogOptions {

    @Option(
            names = {"-v", "--verbose"},
            description = {"Log more, with stack traces; twice: the libraries too."})
    private boolean[] verbose = {};

    /** Finds how often {@code -v} was given to the command that runs. */
    static int verbosity(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        boolean[] none = {};
        boolean[] given = last.matchedOptionValue('v', none);
        return given.length;
    }

    /** Tells how often {@code -v} was given. */
    int verbosity() {
        return verbose.length;
    }
}
