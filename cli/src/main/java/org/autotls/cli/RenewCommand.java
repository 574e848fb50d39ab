package org.autotls.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.IssuingService;
import org.autotls.RenewalPolicy;
import org.autotls.Scheduler;
import org.autotls.Subject;
import org.autotls.SubjectStatus;
import org.autotls.store.DirectoryStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code autotls renew}: what is due, or whatever is named, once. */
@Command(
        name = "renew",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Renew the certificates of a directory that are due, and end.",
            "",
            "Not needed where a server or 'autotls run' runs on the directory: it renews by itself. Where a CA says when it"
                    + " wants certificates renewed (ARI), it is asked first. What a former failure still forbids is left"
                    + " alone, but with --force.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls renew --certs /srv/certs --http-port 80 --agree-tos",
            "  autotls renew --force www.example.com --certs /srv/certs --http-port 80 --agree-tos"
        })
final class RenewCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(RenewCommand.class);

    /** Four certificates a second; what is not asked about now is asked about by the next run. */
    private static final Duration ASK_LIMIT = Duration.ofMinutes(1);

    private final CommandContext context;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Only these entries. Default: all.")
    private List<String> names = List.of();

    @Option(names = "--force", description = "Renew what is named, due or not.")
    private boolean force;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private ChallengePort challenges = new ChallengePort();

    @Mixin
    private CaOptions ca = new CaOptions();

    RenewCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<Subject> named =
                names.stream().map(NameArguments::subject).distinct().toList();
        if (force && named.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--force: expected the names to renew; all at once would meet the CA's limits");
        }
        boolean needsPort = challenges.isNeeded(store.isLocal(), ca);
        AutoTlsBuilder renewing = ca.apply(store.builder().withoutSchedule());
        if (!force && !store.isLocal()) {
            askWhenToRenew();
        }
        List<Subject> subjects = chosen(named);
        if (subjects.isEmpty()) {
            context.terminal().out().println("nothing is due");
            return ExitCode.OK.code();
        }
        try (ChallengePort.Running running = challenges.start(renewing, needsPort, context.stop())) {
            IssuingService service = running.autoTls().service().orElseThrow();
            return new IssueCommand(context)
                    .issue(service, subjects.stream().map(List::of).toList())
                    .code();
        }
    }

    /**
     * A CA may call certificates back; where no server runs on the directory, nobody else would hear of it. Opens no port: most
     * times nothing is due, and then none is needed.
     */
    private void askWhenToRenew() {
        try (AutoTls asking = ca.applyToAsk(store.builder().withoutSchedule()).open()) {
            asking.service()
                    .orElseThrow()
                    .askWhenToRenew()
                    .toCompletableFuture()
                    .get(ASK_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("not all CAs were asked when to renew; the next run goes on", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Subject> chosen(List<Subject> named) {
        DirectoryStore directory = DirectoryStore.openReadOnly(store.directory(), Scheduler.system());
        List<SubjectStatus> stored = SubjectStatus.readAll(
                directory,
                directory.state(),
                RenewalPolicy.DEFAULT,
                Scheduler.system().instant());
        for (Subject subject : named) {
            if (stored.stream().noneMatch(status -> status.subject().equals(subject))) {
                throw new CommandFailure(
                        ExitCode.DIRECTORY, "there is no entry for " + subject + "; 'autotls issue' makes one");
            }
        }
        return stored.stream()
                .filter(status -> named.isEmpty() || isNamed(status.subject(), named))
                .filter(status ->
                        force || !status.nextAction().isAfter(Scheduler.system().instant()))
                .map(SubjectStatus::subject)
                .toList();
    }

    private static boolean isNamed(Subject subject, List<Subject> named) {
        return named.contains(subject) || named.contains(subject.primary());
    }
}
