package org.autotls.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code autotls} itself: without a command it teaches. */
@Command(
        name = "autotls",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        header = "HTTPS that looks after itself.",
        description = {
            "",
            "An ENDPOINT is one string that says where certificates come from, where they are kept, and where to listen:",
            "",
            "  local:DIR:tcp:8443        a private CA of your own, kept in DIR; needs no network",
            "  le:DIR:tcp:443            Let's Encrypt (lets: is its staging CA)",
            "  acme:URL:DIR:tcp:443      any ACME CA; write the colons of URL as \\:",
            "  txsni:DIR:tcp:443         serve what another process keeps in DIR",
            "",
            "An empty file DIR/NAME.pem asks for a certificate for NAME; 'autotls names add' makes one.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls web --port local:certs:tcp:8443 --path ./site",
            "  autotls doctor www.example.com --certs /srv/certs",
            "  autotls names add www.example.com --certs /srv/certs",
            "  autotls web --port le:/srv/certs:tcp:443 --path ./site --agree-tos --email me@example.com",
            "  autotls COMMAND --help"
        },
        subcommands = {
            WebCommand.class,
            ProxyCommand.class,
            IssueCommand.class,
            RunCommand.class,
            RenewCommand.class,
            RevokeCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            NamesCommand.class,
            AccountCommand.class,
            CompletionCommand.class
        })
final class AutotlsCommand implements Runnable {

    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    AutotlsCommand(CommandContext context) {
        this.context = context;
    }

    @Option(
            names = {"-v", "--verbose"},
            scope = CommandLine.ScopeType.INHERIT,
            description = "Log more, with stack traces; twice: the libraries too.")
    void verbose(boolean @Nullable [] given) {
        Logs.configure(given == null ? 0 : given.length, context.terminal().errIsTerminal());
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "a command is missing: web, proxy, issue, run, renew, revoke, status, doctor, names, account or completion");
    }
}
