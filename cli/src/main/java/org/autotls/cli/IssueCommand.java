package org.autotls.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;
import org.autotls.IssuingService;
import org.autotls.Scheduler;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.store.DirectoryStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code autotls issue}: certificates now, once. */
@Command(
        name = "issue",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Issue certificates now, whatever is stored, and end.",
            "",
            "Other names of the directory are left alone. Where a server already runs on the directory, use 'autotls names add': it issues by itself.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls issue www.example.com --certs /srv/certs --agree-tos",
            "  autotls issue a.example.com,b.example.com --certs /srv/certs --http-port 80 --staging --agree-tos",
            "  autotls issue 'example.com,*.example.com' --certs /srv/certs --agree-tos"
                    + " --challenge dns-01:exec:/etc/acme/dns_x.sh:convention=acme.sh",
            "  autotls issue www.example.com --certs /srv/certs --key-type ec-p256,rsa-2048 --agree-tos",
            "  autotls issue localhost 127.0.0.1 --certs certs --local"
        })
final class IssueCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(
            paramLabel = "NAME",
            arity = "1..*",
            description = "One certificate each: a domain name, an IP address, or several separated by commas.")
    private List<String> names = List.of();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private ChallengePort challenges = new ChallengePort();

    @Mixin
    private CaOptions ca = new CaOptions();

    IssueCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<Subject> subjects =
                names.stream().map(NameArguments::subject).distinct().toList();
        NameArguments.requirePrimaries(
                subjects, () -> DirectoryStore.openReadOnly(store.directory(), Scheduler.system()));
        boolean needsPort = challenges.isNeeded(store.isLocal(), ca);
        try (ChallengePort.Running running =
                challenges.start(ca.apply(store.builder().withoutSchedule()), needsPort, context.stop())) {
            IssuingService service = running.autoTls().service().orElseThrow();
            return issue(service, subjects.stream().map(this::withAlternate).toList())
                    .code();
        }
    }

    private List<Subject> withAlternate(Subject subject) {
        return Stream.concat(
                        Stream.of(subject),
                        ca.alternate().map(subject::alternate).filter(other -> !other.equals(subject)).stream())
                .toList();
    }

    /** Issues for each, those of one list one after the other while none fails, and waits for all. */
    ExitCode issue(IssuingService service, List<List<Subject>> subjects) {
        List<CompletableFuture<Optional<Throwable>>> outcomes = new ArrayList<>();
        int total = subjects.stream().mapToInt(List::size).sum();
        try (Progress progress = new Progress(context.terminal(), total)) {
            for (List<Subject> group : subjects) {
                CompletableFuture<Optional<Throwable>> outcome = CompletableFuture.completedFuture(Optional.empty());
                for (Subject subject : group) {
                    outcome = outcome.thenCompose(failed -> failed.isPresent()
                            ? CompletableFuture.completedFuture(failed)
                            : issue(service, subject, progress));
                }
                outcomes.add(outcome);
            }
            CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new)).join();
        }
        service.undoLeftovers().toCompletableFuture().join();
        return outcomes.stream()
                .flatMap(outcome -> outcome.join().stream())
                .map(Main::codeOf)
                .reduce(ExitCode.OK, IssueCommand::worse);
    }

    private CompletionStage<Optional<Throwable>> issue(IssuingService service, Subject subject, Progress progress) {
        return service.issueCert(subject).handle((bundle, failure) -> report(subject, bundle, failure, progress));
    }

    private Optional<Throwable> report(
            Subject subject, CertificateBundle bundle, Throwable failure, Progress progress) {
        if (failure == null) {
            progress.succeeded("issued " + subject + ", valid until " + bundle.notAfter());
            return Optional.empty();
        }
        progress.failed();
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Logs.APP.error("Not issued: {}: {}", subject, Text.escape(String.valueOf(cause.getMessage()), 1000));
        return Optional.of(cause);
    }

    /** If names fail for different reasons, the plain one is told. */
    private static ExitCode worse(ExitCode one, ExitCode other) {
        return one == ExitCode.OK || one == other ? other : ExitCode.NOT_ISSUED;
    }
}
