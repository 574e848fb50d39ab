package org.autotls;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.autotls.IssueException.Kind;
import org.autotls.internal.StateKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spares the limits of a CA that has a staging CA: a name that was refused {@link #REFUSALS} times in a row is first tried
 * there, and at the CA itself only if that works.
 *
 * <ol>
 *   <li>An order that the CA has in flight is gone on with, whatever was refused.
 *   <li>With fewer refusals, the CA is asked at once.
 *   <li>Else the staging CA is asked. What it issues is thrown away: nobody trusts it, so it is never stored or served.
 *   <li>If the name is not proved or is refused there, too, that is the failure of this try, and the CA is not asked.
 *   <li>If staging is in trouble itself, that says nothing about the name, which must not go without a certificate for
 *       it: the CA is asked.
 * </ol>
 *
 * <p>The dry run has a journal of its own, so that a crash in it is tidied up by the next one, and neither order is taken for
 * the other.
 *
 * <p><b>Threads.</b> Safe for many threads, if the issuers are. {@link #issue} reads the journal, which may block.
 */
final class DryRunFirst implements Issuer {

    /** So many refusals in a row make the next try a dry run first. */
    static final int REFUSALS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(FallbackIssuer.class);

    /** What staging says about the name, rather than about itself. */
    private static final Set<Kind> ABOUT_THE_NAME = EnumSet.of(Kind.UNPROVED, Kind.REFUSED);

    private final Issuer issuer;
    private final Issuer staging;
    private final StateStore state;
    private final Executor executor;

    /**
     * Makes an issuer.
     *
     * @param issuer whose certificates are wanted
     * @param staging the CA for tries
     * @param state where the journals of dry runs are kept
     * @param executor for work on it
     */
    DryRunFirst(Issuer issuer, Issuer staging, StateStore state, Executor executor) {
        this.issuer = issuer;
        this.staging = staging;
        this.state = state;
        this.executor = executor;
    }

    @Override
    public String issuerKey() {
        return issuer.issuerKey();
    }

    @Override
    public boolean resumes(String journal) {
        return issuer.resumes(journal);
    }

    @Override
    public OrderAllowance allowance(Instant now) {
        return issuer.allowance(now);
    }

    @Override
    public OrderAllowance allowance(Subject subject, Instant now) {
        return issuer.allowance(subject, now);
    }

    @Override
    public CompletionStage<Optional<RenewalInformation>> renewalInformation(IssuedCertificate certificate) {
        return issuer.renewalInformation(certificate);
    }

    @Override
    public Optional<String> leftovers(String journal) {
        return issuer.leftovers(journal).or(() -> staging.leftovers(journal));
    }

    @Override
    public CompletionStage<Optional<String>> cleanUp(String leftovers) {
        return issuer.leftovers(leftovers).isPresent() ? issuer.cleanUp(leftovers) : staging.cleanUp(leftovers);
    }

    @Override
    public CompletionStage<CertificateBundle> issue(IssueRequest request) {
        try {
            boolean inFlight = request.journal().load().filter(issuer::resumes).isPresent();
            return inFlight || request.refusals() < REFUSALS ? issuer.issue(request) : tryThenIssue(request);
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<CertificateBundle> tryThenIssue(IssueRequest request) {
        LOG.info(
                "{} was refused {} times in a row: it is tried at {} first",
                request.subject(),
                request.refusals(),
                staging.issuerKey());
        OrderJournal journal = OrderJournal.ofDryRun(state, request.subject());
        IssueRequest trial = new IssueRequest(request.subject(), request.keys(), journal, request.cancelled());
        return staging.issue(trial)
                .toCompletableFuture()
                .thenRunAsync(() -> putAway(request.subject()), executor)
                .exceptionallyCompose(thrown -> afterFailure(request, thrown))
                .thenCompose(tried -> issuer.issue(request));
    }

    private void putAway(Subject subject) {
        Leftovers.retire(state, () -> staging, OrderJournal.dryRunKey(subject), StateKeys.segment(subject));
    }

    private CompletableFuture<Void> afterFailure(IssueRequest request, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (!(cause instanceof IssueException failure) || failure.kind() == Kind.STOPPED) {
            return CompletableFuture.failedFuture(cause);
        }
        if (ABOUT_THE_NAME.contains(failure.kind())) {
            return CompletableFuture.failedFuture(new IssueException(
                    failure.kind(),
                    "a dry run at " + staging.issuerKey() + " failed, so that " + issuer.issuerKey()
                            + " was not asked: " + failure.getMessage(),
                    failure,
                    failure.problem().orElse(null),
                    failure.retryAt().orElse(null)));
        }
        LOG.info(
                "{} cannot try {}, the CA itself is asked: {}",
                staging.issuerKey(),
                request.subject(),
                failure.getMessage());
        return CompletableFuture.completedFuture(null);
    }
}
