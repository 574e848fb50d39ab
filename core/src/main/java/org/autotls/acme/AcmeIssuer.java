package org.autotls.acme;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.autotls.AccountKeyStore;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssueRequest;
import org.autotls.IssuedCertificate;
import org.autotls.Issuer;
import org.autotls.OrderAllowance;
import org.autotls.RenewalInformation;
import org.autotls.Scheduler;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders certificates from an ACME CA (RFC 8555).
 *
 * <p>The main path is {@link #issue}, and below it {@code issueOnce}, one line per step: account (§7.3), order (§7.4),
 * authorizations (§7.5), finalize (§7.4), download and check (§7.4.2). What to do next is taken from the status that the CA
 * shows, and every step is safe to repeat: after a crash the next run, given the same journal, goes on with the same order,
 * and at most one order more than needed is placed.
 *
 * <p>Every request has one deadline for connecting, headers and body together, a bounded body and a bounded number of tries;
 * goes over https only, and only to hosts that the CA's directory names. The JDK's proxy settings ({@code https.proxyHost}
 * and its like) are honoured. An order may take five minutes; one that the CA has not finished then is parked in the
 * journal and resumed by the next run.
 *
 * <p><b>Threads.</b> Safe for many threads. Waiting takes no thread; responders, the journal and the account key are used on
 * the executor given to the builder. Holds no resource that needs closing.
 */
public final class AcmeIssuer implements Issuer {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /** How long one order may take in one run; a CA that needs longer is asked again by the next run. */
    private static final Duration SLOT = Duration.ofMinutes(5);

    private final URI directory;
    private final AcmeClient client;
    private final Accounts accounts;
    private final Challenges challenges;
    private final AuthorizationStep authorizations;
    private final OrderOptions options;
    private final Scheduler scheduler;
    private final Executor executor;

    AcmeIssuer(
            URI directory,
            AcmeClient client,
            Accounts accounts,
            Challenges challenges,
            OrderOptions options,
            Scheduler scheduler,
            Executor executor) {
        this.directory = directory;
        this.client = client;
        this.accounts = accounts;
        this.challenges = challenges;
        this.authorizations = new AuthorizationStep(challenges);
        this.options = options;
        this.scheduler = scheduler;
        this.executor = executor;
    }

    /**
     * Starts from what has no default.
     *
     * @param directory the CA's directory URL, https; {@link AcmeDirectories} has some
     * @param accountKeys where the account key is kept
     * @param scheduler the present, deadlines and pauses
     * @param executor for work that may block: responders, journals, the account key
     * @return a builder; one thread at a time may use it
     */
    public static AcmeIssuerBuilder builder(
            URI directory, AccountKeyStore accountKeys, Scheduler scheduler, Executor executor) {
        return new AcmeIssuerBuilder(directory, accountKeys, scheduler, executor);
    }

    /** The directory's URL. */
    @Override
    public String issuerKey() {
        return directory.toString();
    }

    @Override
    public CompletionStage<CertificateBundle> issue(IssueRequest request) {
        CompletableFuture<CertificateBundle> result = new CompletableFuture<>();
        try {
            new Issuance(request, client, scheduler, executor, SLOT, issuerKey())
                    .begin()
                    .thenCompose(this::answerable)
                    .thenCompose(issuance -> issueWithAccount(issuance, true))
                    .whenComplete((bundle, failure) -> {
                        if (failure == null) {
                            result.complete(bundle);
                        } else {
                            result.completeExceptionally(reported(request, failure));
                        }
                    });
        } catch (RuntimeException e) {
            result.completeExceptionally(reported(request, e)); // the executor was shut down
        }
        return result;
    }

    @Override
    public boolean resumes(String journal) {
        return progress(journal)
                .filter(progress -> progress.hasOrder() && progress.directory().equals(issuerKey()))
                .isPresent();
    }

    private static Optional<Progress> progress(String journal) {
        try {
            return Optional.of(Progress.parse(journal));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // another kind of issuer's
        }
    }

    /** What the account that ordered last has left. */
    @Override
    public OrderAllowance allowance(Instant now) {
        return options.budget().allowance(now);
    }

    /** As {@link #allowance(Instant)}, and what is left for its names, whatever the account. */
    @Override
    public OrderAllowance allowance(Subject subject, Instant now) {
        return options.budget().allowance(subject, now);
    }

    /** RFC 9773 §4: from the CA that issued the certificate, for whatever account, if it has such information. */
    @Override
    public CompletionStage<Optional<RenewalInformation>> renewalInformation(IssuedCertificate certificate) {
        boolean ours = Origin.of(certificate)
                .filter(origin -> origin.directory().equals(issuerKey()))
                .isPresent();
        return ours
                ? client.renewalInfo(certificate.id()).thenApply(answer -> answer.map(RenewalInfo::parse))
                : CompletableFuture.completedStage(Optional.empty());
    }

    /** Of any ACME issuer, whatever its CA: to undo a challenge, no CA is asked. */
    @Override
    public Optional<String> leftovers(String journal) {
        return progress(journal)
                .filter(progress -> !progress.published().isEmpty())
                .map(progress -> progress.leftovers().toJson());
    }

    @Override
    public CompletionStage<Optional<String>> cleanUp(String leftovers) {
        return progress(leftovers)
                .map(progress -> challenges
                        .undo(progress.published(), executor)
                        .thenApply(undone ->
                                leftovers(progress.withoutPublished(undone).toJson())))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.of(leftovers)));
    }

    /**
     * Finds a name that no responder could prove before the CA is asked for anything: an order for it would be spent in vain.
     * Not for an order that stands already, nor where the account is bound to one outside ACME: such a CA may hold its
     * customer's names for proved.
     */
    private CompletableFuture<Issuance> answerable(Issuance issuance) {
        if (issuance.isResumed() || accounts.isBound()) {
            return CompletableFuture.completedFuture(issuance);
        }
        try {
            challenges.checkAnswerable(issuance.subject());
            return CompletableFuture.completedFuture(issuance);
        } catch (IssueException e) {
            return challenges.cleanUp(issuance).thenCompose(clean -> CompletableFuture.failedFuture(e));
        }
    }

    /** If the CA has forgotten the account, or its key was changed meanwhile: begins again with the account, once. */
    private CompletableFuture<CertificateBundle> issueWithAccount(Issuance issuance, boolean mayBeginAgain) {
        return accounts.current()
                .thenCompose(account -> issueWithOrder(issuance, account, true).exceptionallyCompose(thrown -> {
                    Throwable cause = Async.unwrap(thrown);
                    if (cause instanceof AccountLostException lost) {
                        CompletableFuture<Void> forgotten = accounts.forget(
                                account, "does not exist at the CA any more; the key is registered again");
                        return mayBeginAgain
                                ? forgotten
                                        .thenCompose(gone -> issuance.dropOrder())
                                        .thenCompose(fresh -> issueWithAccount(fresh, false))
                                : CompletableFuture.failedFuture(lost.failure());
                    }
                    return mayBeginAgain && Failures.isRefusal(cause)
                            ? issueWithOtherKey(issuance, account, cause)
                            : CompletableFuture.failedFuture(cause);
                }));
    }

    /** A process that changes the key (§7.3.5) does not tell the others: to them it looks as if the CA refused. */
    private CompletableFuture<CertificateBundle> issueWithOtherKey(
            Issuance issuance, Signer account, Throwable refusal) {
        return accounts.hasOtherKey(account).thenCompose(changed -> {
            boolean unauthorized = accounts.isNoted(account) && Failures.isUnauthorized(refusal);
            if (!changed && !unauthorized) {
                return CompletableFuture.failedFuture(refusal);
            }
            return accounts.forget(
                            account,
                            changed ? "has another key by now; it is loaded" : "is refused; the CA is asked for it")
                    .thenCompose(forgotten -> issueWithAccount(issuance, false));
        });
    }

    private static boolean isTheServers(IssueException failure) {
        return failure.kind() == Kind.SERVER || failure.kind() == Kind.NETWORK;
    }

    /** If the order of an earlier run leads nowhere, and not by this run's doing: drops it and places a new one, once. */
    private CompletableFuture<CertificateBundle> issueWithOrder(
            Issuance issuance, Signer account, boolean mayOrderAgain) {
        return issueOnce(issuance, account).exceptionallyCompose(thrown -> {
            if (!(Async.unwrap(thrown) instanceof OrderLostException lost)) {
                return CompletableFuture.failedFuture(thrown);
            }
            boolean again = mayOrderAgain && issuance.isResumed() && !issuance.isValidated();
            LOG.info("Dropping order {}: {}", issuance.progress().order(), lost.getMessage());
            return OrderStep.giveBack(issuance, options)
                    .thenCompose(given -> issuance.dropOrder())
                    .thenCompose(fresh -> again
                            ? answerable(fresh).thenCompose(proved -> issueWithOrder(proved, account, false))
                            : CompletableFuture.failedFuture(lost.failure()));
        });
    }

    /** The steps. */
    private CompletableFuture<CertificateBundle> issueOnce(Issuance issuance, Signer account) {
        return OrderStep.run(issuance, account, options)
                .thenCompose(order -> authorizations.run(issuance, account, order))
                .thenCompose(order -> FinalizeStep.run(issuance, account, order))
                .thenCompose(order -> DownloadStep.run(issuance, account, order, options.preferredRoot()))
                .thenApply(bundle -> {
                    LOG.debug("Issued {}", bundle); // the service says so when it is saved
                    return bundle.withOrigin(issuance.origin(account).text());
                });
    }

    private Throwable reported(IssueRequest request, Throwable thrown) {
        Throwable cause = Async.unwrap(thrown);
        if (cause instanceof IssueException failure && isTheServers(failure)) {
            client.doubtDirectory();
        }
        if (cause instanceof IssueException || cause instanceof StoreException) {
            return cause;
        }
        if (cause instanceof RejectedExecutionException) {
            return new IssueException(Kind.STOPPED, "issuing " + request.subject() + ": the service is stopped", cause);
        }
        LOG.error("Issuing {} at {} failed unexpectedly", request.subject(), directory, cause);
        return new IssueException(
                Kind.SERVER, "issuing " + request.subject() + " failed unexpectedly: " + cause, cause);
    }
}
