package org.autotls.cli;

import java.io.PrintWriter;
import java.net.BindException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Set;
import org.autotls.IssueException;
import org.autotls.StoreException;
import org.autotls.Text;
import org.autotls.netty.ListenException;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The {@code autotls} command. */
public final class Main {

    private Main() {}

    /**
     * Runs a command and ends the process with its exit code, one of those that {@code autotls --help} lists.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        CommandContext context = new CommandContext(Terminal.system(), new StopSignal(), HttpEngine.TEMPORARY);
        Logs.configure(0, context.terminal().errIsTerminal());
        context.stop().install();
        int code = commandLine(context).execute(args);
        context.stop().ended(code);
        System.exit(code);
    }

    /** Makes the parser with every command. */
    static CommandLine commandLine(CommandContext context) {
        Terminal terminal = context.terminal();
        CommandLine line = new CommandLine(AutotlsCommand.class, context.factory());
        line.setOut(terminal.out());
        line.setErr(terminal.err());
        line.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.ansi()));
        line.setUsageHelpAutoWidth(false);
        line.setUsageHelpWidth(100);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setAbbreviatedOptionsAllowed(false);
        line.setExpandAtFiles(false); // messages about what is in a file would show what is in it
        line.registerConverter(Path.class, Main::path);
        line.setParameterExceptionHandler(Main::usageFailed);
        line.setExecutionExceptionHandler(Main::commandFailed);
        showExitCodes(line);
        return line;
    }

    /** An empty path means the current directory to Java; to a person it is a variable that is not set. */
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new CommandLine.TypeConversionException("is empty");
        }
        return Path.of(text);
    }

    private static void showExitCodes(CommandLine line) {
        line.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCode.table());
        line.getSubcommands().values().forEach(Main::showExitCodes);
    }

    private static int usageFailed(CommandLine.ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        PrintWriter err = line.getErr();
        say(line, explain(failure));
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE.code();
    }

    /** Picocli counts arguments; a person knows words. */
    private static String explain(CommandLine.ParameterException failure) {
        if (failure.getArgSpec() instanceof OptionSpec option && "".equals(failure.getValue())) {
            return option.longestName() + " is empty";
        }
        if (!(failure instanceof CommandLine.UnmatchedArgumentException unmatched) || unmatched.isUnknownOption()) {
            return String.valueOf(failure.getMessage());
        }
        String word = "'" + Text.escape(unmatched.getUnmatched().get(0)) + "'";
        Set<String> commands = failure.getCommandLine().getSubcommands().keySet();
        return commands.isEmpty()
                ? word + " was not expected"
                : word + " is no command; there are: " + String.join(", ", commands);
    }

    /** One clear message; the stack trace only for our own faults, or with {@code -v}. */
    private static int commandFailed(Exception failure, CommandLine line, ParseResult parsed) {
        ExitCode code = codeOf(failure);
        if (code == ExitCode.OK) {
            Logs.APP.info("{}", failure.getMessage());
        } else if (code == ExitCode.BUG) {
            say(line, "this is a fault in autotls, please report it with what follows: " + failure);
            failure.printStackTrace(line.getErr());
        } else {
            say(line, String.valueOf(failure.getMessage()));
            Logs.APP.debug("The command failed.", failure);
        }
        line.getErr().flush();
        return code.code();
    }

    private static void say(CommandLine line, String message) {
        line.getErr().println(line.getColorScheme().errorText("autotls: " + message));
        line.getErr().flush();
    }

    /** The exit code that a failure stands for; {@link ExitCode#BUG} for what nobody expected. */
    static ExitCode codeOf(Throwable failure) {
        if (failure instanceof CommandFailure command) {
            return command.code();
        }
        if (failure instanceof StoreException) {
            return ExitCode.DIRECTORY;
        }
        if (failure instanceof IssueException issue) {
            return switch (issue.kind()) {
                case NETWORK, SERVER, CONFIGURATION -> ExitCode.CA;
                default -> ExitCode.NOT_ISSUED;
            };
        }
        if (failure instanceof ListenException || failure.getCause() instanceof BindException) {
            return ExitCode.BIND; // the second is the port of http-01
        }
        return failure instanceof IllegalArgumentException ? ExitCode.USAGE : ExitCode.BUG;
    }

    /** Encoding of what is printed: the terminal's, so that names with accents come out right. */
    static Charset charset() {
        String name = System.getProperty("stdout.encoding", System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
    }
}
