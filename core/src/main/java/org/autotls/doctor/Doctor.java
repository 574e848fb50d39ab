package org.autotls.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.autotls.Identifier;
import org.autotls.Scheduler;
import org.autotls.Subject;

/**
 * Examines what a CA would look at, in parallel and within a bounded time: the CAs, and each name with its addresses, the
 * way to us and its CAA records. Nothing is ordered, registered or written.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #examine} blocks.
 */
public final class Doctor {

    private static final Duration LIMIT = Duration.ofSeconds(45);

    private final Intent intent;
    private final DnsLookup dns;
    private final Scheduler scheduler;
    private final Executor executor;

    /**
     * Makes a doctor.
     *
     * @param intent what is going to be ordered
     * @param dns who is asked
     * @param scheduler deadlines
     * @param executor for what blocks; as many threads as names are examined at a time
     */
    public Doctor(Intent intent, DnsLookup dns, Scheduler scheduler, Executor executor) {
        this.intent = intent;
        this.dns = dns;
        this.scheduler = scheduler;
        this.executor = executor;
    }

    /**
     * Examines; takes 45 s at most.
     *
     * @param subjects what certificates are wanted for
     * @param ports who answers challenges meanwhile
     * @return what was found: the CAs first, then the ports, the names, and what CAA says of them
     */
    public List<Finding> examine(List<Subject> subjects, Ports ports) {
        List<Identifier> identifiers = subjects.stream()
                .flatMap(subject -> subject.identifiers().stream())
                .distinct()
                .toList();
        NameExamination.Tools tools = new NameExamination.Tools(intent, dns, ports, scheduler);
        List<CompletableFuture<IssuerExamination>> issuers = intent.issuers().stream()
                .map(at -> inTime(
                        IssuerExamination.of(at, intent, identifiers).toCompletableFuture(),
                        new IssuerExamination(
                                Optional.empty(),
                                "",
                                List.of(late("directory", at.directory().toString())))))
                .toList();
        List<CompletableFuture<NameExamination>> names = identifiers.stream()
                .map(identifier -> inTime(
                        CompletableFuture.supplyAsync(() -> NameExamination.of(identifier, tools), executor),
                        new NameExamination(List.of(late(NameCheck.NAME, identifier.value())), Optional.empty())))
                .toList();
        return sorted(
                identifiers,
                ports,
                issuers.stream().map(CompletableFuture::join).toList(),
                names.stream().map(CompletableFuture::join).toList());
    }

    /** What is not known by then counts as not known. */
    private <T> CompletableFuture<T> inTime(CompletableFuture<T> work, T otherwise) {
        Scheduler.Cancellable deadline = scheduler.schedule(LIMIT, () -> work.complete(otherwise));
        work.whenComplete((done, failure) -> deadline.cancel());
        return work;
    }

    private static Finding late(String check, String about) {
        return Finding.warning(
                check, about, "not known within " + LIMIT.toSeconds() + " s", "try again, perhaps with fewer names");
    }

    private List<Finding> sorted(
            List<Identifier> identifiers, Ports ports, List<IssuerExamination> issuers, List<NameExamination> names) {
        List<Finding> byIssuers = Fallbacks.judge(issuers.stream()
                .map(issuer -> withCaa(issuer, identifiers, names))
                .toList());
        List<Finding> all = new ArrayList<>(of(false, byIssuers));
        ports(identifiers, ports).forEach(all::add);
        names.forEach(name -> all.addAll(name.findings()));
        all.addAll(of(true, byIssuers));
        return List.copyOf(all);
    }

    /** All that speaks against a CA. */
    private List<Finding> withCaa(IssuerExamination issuer, List<Identifier> identifiers, List<NameExamination> names) {
        List<Finding> findings = new ArrayList<>(issuer.findings());
        for (int i = 0; i < identifiers.size(); i++) {
            Identifier identifier = identifiers.get(i);
            String method = intent.order().chosen(identifier).orElse("");
            names.get(i)
                    .caa()
                    .flatMap(search -> issuer.caa(identifier, search, method))
                    .ifPresent(findings::add);
        }
        return findings;
    }

    private static List<Finding> of(boolean caa, List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.check().equals(CaaCheck.NAME) == caa)
                .toList();
    }

    /** Those that some name would be proved on. */
    private Stream<Finding> ports(List<Identifier> identifiers, Ports ports) {
        return Stream.of(ChallengeOrder.TLS, ChallengeOrder.HTTP)
                .filter(type -> identifiers.stream()
                        .anyMatch(one -> intent.order().chosen(one).equals(Optional.of(type))))
                .map(type -> PortCheck.judge(type, ports.of(type)));
    }
}
