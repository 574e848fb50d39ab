package org.autotls.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.autotls.Scheduler;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code autotls names}: which certificates a directory is to hold. */
@Command(
        name = "names",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Ask for certificates, or give them up.",
            "",
            "A NAME is a domain name (letters outside ASCII are converted by UTS-46), a wildcard such as *.example.com, an IP"
                    + " address, or several of these separated by commas, for one certificate over all of them. With :rsa or"
                    + " :ecdsa behind it is the second certificate of that name, with a key of that kind; without, remove means"
                    + " that one too.",
            ""
        },
        subcommands = {NamesCommand.Add.class, NamesCommand.Remove.class},
        footer = {
            "",
            "Examples:",
            "  autotls names add www.example.com --certs /srv/certs",
            "  autotls names add a.example.com,b.example.com --certs /srv/certs",
            "  autotls names remove www.example.com --certs /srv/certs"
        })
final class NamesCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing: add or remove");
    }

    /** What both have. */
    private static final class Targets {

        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "NAME", arity = "1..*", description = "One certificate each.")
        private List<String> names = List.of();

        @Option(names = "--certs", paramLabel = "DIR", required = true, description = "The certificate directory.")
        private Path directory = Path.of("");

        List<Subject> subjects() {
            return names.stream().map(NameArguments::subject).distinct().toList();
        }

        void say(String line) {
            spec.commandLine().getOut().println(line);
        }
    }

    /** {@code autotls names add}. */
    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Ask for certificates: what runs on the directory issues them at once.",
            footer = {"", "Example:", "  autotls names add www.example.com --certs /srv/certs"})
    static final class Add implements Callable<Integer> {

        @Mixin
        private Targets targets = new Targets();

        @Override
        public Integer call() {
            List<Subject> subjects = targets.subjects();
            DirectoryStore store = DirectoryStore.open(targets.directory, Scheduler.system());
            NameArguments.requirePrimaries(subjects, () -> store);
            for (Subject subject : subjects) {
                targets.say(store.request(subject) ? "added " + subject : subject + " was there already");
            }
            return ExitCode.OK.code();
        }
    }

    /** {@code autotls names remove}. */
    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Give certificates up: their keys and chains are deleted, and nothing is renewed.",
            footer = {"", "Example:", "  autotls names remove www.example.com --certs /srv/certs"})
    static final class Remove implements Callable<Integer> {

        @Mixin
        private Targets targets = new Targets();

        @Override
        public Integer call() {
            List<Subject> subjects = targets.subjects();
            DirectoryStore store = DirectoryStore.open(targets.directory, Scheduler.system());
            for (Subject subject : subjects) {
                subject.alternates().stream()
                        .filter(store::remove)
                        .forEach(alternate -> targets.say("removed " + alternate));
                targets.say(store.remove(subject) ? "removed " + subject : subject + " was not there");
            }
            return ExitCode.OK.code();
        }
    }
}
