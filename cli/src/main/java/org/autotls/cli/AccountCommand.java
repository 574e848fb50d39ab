package org.autotls.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.autotls.acme.AcmeAccount;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code autotls account}: the account at the CA. */
@Command(
        name = "account",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Look after the account at a CA.",
            "",
            "An account is registered when a certificate is first ordered; its key is in the certificate directory.",
            ""
        },
        subcommands = {AccountCommand.Show.class, AccountCommand.Rollover.class, AccountCommand.Deactivate.class},
        footer = {
            "",
            "Examples:",
            "  autotls account show --certs /srv/certs",
            "  autotls account rollover --certs /srv/certs --issuer zerossl"
        })
final class AccountCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "a command is missing: show, rollover or deactivate");
    }

    private static void print(CommandSpec spec, AcmeAccount.Details details) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("account     " + details.url());
        out.println("status      " + details.status());
        out.println("contact     " + (details.contact().isEmpty() ? "-" : String.join(", ", details.contact())));
        out.println("key         " + details.thumbprint());
        out.flush();
    }

    /** {@code autotls account show}. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            description = {
                "Show the account: its URL, status and contact at the CA, and the thumbprint of its key.",
                "",
                "The URL is what a CAA record with accounturi names.",
                ""
            },
            footer = {"", "Example:", "  autotls account show --certs /srv/certs"})
    static final class Show implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private AcmeAccountOptions options = new AcmeAccountOptions();

        @Override
        public Integer call() {
            print(spec, options.with(options.store(), AcmeAccount::show));
            return ExitCode.OK.code();
        }
    }

    /** {@code autotls account rollover}. */
    @Command(
            name = "rollover",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            description = {
                "Give the account a new key; the account stays.",
                "",
                "Programs that run on the directory load the new key by themselves. Killed at any moment, it is finished by"
                        + " whoever uses the account next.",
                ""
            },
            footer = {"", "Example:", "  autotls account rollover --certs /srv/certs"})
    static final class Rollover implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private AcmeAccountOptions options = new AcmeAccountOptions();

        @Override
        public Integer call() {
            print(spec, options.with(options.store(), AcmeAccount::rollover));
            return ExitCode.OK.code();
        }
    }

    /** {@code autotls account deactivate}. */
    @Command(
            name = "deactivate",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            description = {
                "Deactivate the account for good: the CA takes no request of it any more.",
                "",
                "Certificates stay valid. To order again, move the account key away; the next order registers a new account.",
                ""
            },
            footer = {"", "Example:", "  autotls account deactivate --certs /srv/certs --staging"})
    static final class Deactivate implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private AcmeAccountOptions options = new AcmeAccountOptions();

        @Override
        public Integer call() {
            print(spec, options.with(options.store(), AcmeAccount::deactivate));
            return ExitCode.OK.code();
        }
    }
}
