package org.autotls;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.autotls.IssueException.Kind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Several issuers, asked in turn until one issues.
 *
 * <ol>
 *   <li>First whoever has an order in flight in the journal: a crash does not cost a second order at another CA.
 *   <li>Then the others in the order given.
 *   <li>The next is asked when one failed for reasons of its own: {@code NETWORK}, {@code SERVER}, {@code RATE_LIMITED},
 *       {@code PAUSED}, {@code OVER_BUDGET}, {@code REFUSED}, {@code CONFIGURATION} (an account that is gone, a profile that it
 *       lacks), {@code BAD_CERTIFICATE}. Each such failure is logged at WARN.
 *   <li>Not after {@code UNPROVED}: the name does not lead here, or the port is shut. The next CA would find the same, and its
 *       limit on failures would be spent, too, when it is needed.
 *   <li>Not after {@code STOPPED}, nor after a {@link StoreException}: nobody can do better.
 * </ol>
 *
 * <p>If all fail, the failure names each issuer with what it said, the first one first and as the cause, the others
 * suppressed. Its kind is the one that may be tried again soonest; {@code OVER_BUDGET} only if it is that of all, for
 * otherwise somebody was asked. When to renew is asked of the one who issued.
 *
 * <p><b>Threads.</b> Safe for many threads, if the issuers are. {@link #issue} reads the journal, which may block.
 */
public final class FallbackIssuer implements Issuer {

    private static final Logger LOG = LoggerFactory.getLogger(FallbackIssuer.class);
    private static final Set<Kind> NEXT_HELPS = EnumSet.of(
            Kind.NETWORK,
            Kind.SERVER,
            Kind.RATE_LIMITED,
            Kind.PAUSED,
            Kind.OVER_BUDGET,
            Kind.REFUSED,
            Kind.CONFIGURATION,
            Kind.BAD_CERTIFICATE);

    /** Kinds that may be tried again soon, soonest first. */
    private static final List<Kind> SOON = List.of(Kind.NETWORK, Kind.SERVER, Kind.UNPROVED, Kind.RATE_LIMITED);

    private record Failed(Issuer issuer, IssueException failure) {

        String text() {
            return issuer.issuerKey() + ": " + failure.getMessage();
        }
    }

    private final List<Issuer> issuers;

    private FallbackIssuer(List<? extends Issuer> issuers) {
        this.issuers = List.copyOf(issuers);
    }

    /**
     * Joins issuers.
     *
     * @param issuers in the order of preference, with different keys
     * @return the only one itself, or all of them in turn
     * @throws IllegalArgumentException if there is none, or a key comes twice
     */
    public static Issuer of(List<? extends Issuer> issuers) {
        if (issuers.isEmpty()) {
            throw new IllegalArgumentException("no issuer: expected at least one");
        }
        if (issuers.stream().map(Issuer::issuerKey).distinct().count() < issuers.size()) {
            throw new IllegalArgumentException("an issuer comes twice among "
                    + issuers.stream().map(Issuer::issuerKey).toList());
        }
        return issuers.size() == 1 ? issuers.get(0) : new FallbackIssuer(issuers);
    }

    /** The keys of all, in order. */
    @Override
    public String issuerKey() {
        return issuers.stream().map(Issuer::issuerKey).collect(Collectors.joining(", then "));
    }

    @Override
    public boolean resumes(String journal) {
        return issuers.stream().anyMatch(issuer -> issuer.resumes(journal));
    }

    @Override
    public Optional<String> leftovers(String journal) {
        return issuers.stream()
                .flatMap(issuer -> issuer.leftovers(journal).stream())
                .findFirst();
    }

    @Override
    public CompletionStage<Optional<String>> cleanUp(String leftovers) {
        return issuers.stream()
                .filter(issuer -> issuer.leftovers(leftovers).isPresent())
                .findFirst()
                .map(issuer -> issuer.cleanUp(leftovers))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.of(leftovers)));
    }

    @Override
    public CompletionStage<CertificateBundle> issue(IssueRequest request) {
        List<Issuer> turn = new ArrayList<>(issuers);
        try {
            Optional<String> journal = request.journal().load();
            turn.sort(Comparator.comparing(
                    issuer -> journal.filter(issuer::resumes).isEmpty())); // stable: false is first
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(e);
        }
        return next(request, turn.iterator(), new ArrayList<>());
    }

    /** Whoever issued it is asked; the others say nothing. */
    @Override
    public CompletionStage<Optional<RenewalInformation>> renewalInformation(IssuedCertificate certificate) {
        CompletionStage<Optional<RenewalInformation>> answer = CompletableFuture.completedStage(Optional.empty());
        for (Issuer issuer : issuers) {
            answer = answer.thenCompose(said ->
                    said.isPresent() ? CompletableFuture.completedStage(said) : issuer.renewalInformation(certificate));
        }
        return answer;
    }

    /** As many as whoever may place most. */
    @Override
    public OrderAllowance allowance(Instant now) {
        return most(issuer -> issuer.allowance(now));
    }

    @Override
    public OrderAllowance allowance(Subject subject, Instant now) {
        return most(issuer -> issuer.allowance(subject, now));
    }

    private OrderAllowance most(Function<Issuer, OrderAllowance> allowance) {
        return issuers.stream()
                .map(allowance)
                .min(Comparator.comparing((OrderAllowance one) -> -one.orders()).thenComparing(OrderAllowance::next))
                .orElse(OrderAllowance.UNLIMITED);
    }

    private CompletableFuture<CertificateBundle> next(
            IssueRequest request, Iterator<Issuer> turn, List<Failed> failed) {
        Issuer issuer = turn.next();
        return ask(issuer, request).exceptionallyCompose(thrown -> {
            if (!(unwrap(thrown) instanceof IssueException failure) || failure.kind() == Kind.STOPPED) {
                return CompletableFuture.failedFuture(unwrap(thrown));
            }
            failed.add(new Failed(issuer, failure));
            if (!NEXT_HELPS.contains(failure.kind()) || !turn.hasNext()) {
                return CompletableFuture.failedFuture(all(failed));
            }
            LOG.atLevel(failure.kind() == Kind.OVER_BUDGET ? Level.DEBUG : Level.WARN)
                    .log(
                            "{} did not issue for {}, the next issuer is asked: {}",
                            issuer.issuerKey(),
                            request.subject(),
                            failure.getMessage());
            return next(request, turn, failed);
        });
    }

    private static CompletableFuture<CertificateBundle> ask(Issuer issuer, IssueRequest request) {
        try {
            return issuer.issue(request).toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static IssueException all(List<Failed> all) {
        List<Failed> asked = all.stream()
                .filter(one -> one.failure().kind() != Kind.OVER_BUDGET)
                .toList();
        List<Failed> failed = asked.isEmpty() ? all : asked;
        IssueException first = failed.get(0).failure();
        Kind kind = SOON.stream()
                .filter(soon -> failed.stream().anyMatch(one -> one.failure().kind() == soon))
                .findFirst()
                .orElse(first.kind());
        @Nullable
        Instant retryAt = failed.stream()
                .filter(one -> one.failure().kind() == kind)
                .flatMap(one -> one.failure().retryAt().stream())
                .min(Comparator.naturalOrder())
                .orElse(null);
        IssueException joined = new IssueException(
                kind,
                failed.stream().map(Failed::text).collect(Collectors.joining("; then ")),
                first,
                first.problem().orElse(null),
                retryAt);
        failed.stream().skip(1).forEach(one -> joined.addSuppressed(one.failure()));
        return joined;
    }

    private static Throwable unwrap(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }
}
