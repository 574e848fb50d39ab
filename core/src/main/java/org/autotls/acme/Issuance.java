package org.autotls.acme;

import java.net.URI;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssueJournal;
import org.autotls.IssueRequest;
import org.autotls.IssuedCertificate;
import org.autotls.Scheduler;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One certificate being issued: the request, how far it has come (and the journal that keeps it), whose account it is, and
 * until when it may go on. What the steps share.
 *
 * <p><b>Threads.</b> The steps follow one another, so the journal meets one thread at a time; only looking at several
 * authorizations happens at once, and that does not touch it.
 */
final class Issuance {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    private final IssueRequest request;
    private final AcmeClient client;
    private final Scheduler scheduler;
    private final Executor executor;
    private final Instant parkAt;
    private final String directory;

    /** Written by the step that runs; each later step happens after it, whatever its thread. */
    private volatile Progress progress;

    private volatile boolean resumed;
    private volatile boolean counted;

    private volatile boolean validated;

    Issuance(
            IssueRequest request,
            AcmeClient client,
            Scheduler scheduler,
            Executor executor,
            Duration slot,
            String directory) {
        this.request = request;
        this.client = client;
        this.scheduler = scheduler;
        this.executor = executor;
        this.parkAt = scheduler.instant().plus(slot);
        this.directory = directory;
        this.progress = Progress.none(directory);
    }

    Subject subject() {
        return request.subject();
    }

    /** What a certificate that is issued for this account will be known by. */
    Origin origin(Signer account) {
        return new Origin(directory, account.url().toString());
    }

    /** What the new certificate takes the place of, if it came from the same CA for the same account (RFC 9773 §5). */
    Optional<String> predecessor(Signer account) {
        return request.predecessor()
                .filter(old -> Origin.of(old).filter(origin(account)::equals).isPresent())
                .map(IssuedCertificate::id);
    }

    Progress progress() {
        return progress;
    }

    Instant now() {
        return scheduler.instant();
    }

    Executor executor() {
        return executor;
    }

    /** Notes that the CA was told to validate: what it finds is this run's failure, and another order would fail as well. */
    void validationBegins() {
        validated = true;
    }

    boolean isValidated() {
        return validated;
    }

    /** Whether the order at hand was placed by an earlier run. */
    boolean isResumed() {
        return resumed;
    }

    /** Whether this run has taken a place in the budgets of the order's names. */
    boolean isCounted() {
        return counted;
    }

    void counted(boolean taken) {
        counted = taken;
    }

    /** Reads what an earlier run left. A text that is not ours, or of another CA's order, is no progress. */
    CompletableFuture<Issuance> begin() {
        return CompletableFuture.supplyAsync(
                () -> {
                    checkWanted();
                    progress = inJournal(IssueJournal::load)
                            .flatMap(this::readable)
                            .orElse(progress);
                    resumed = progress.hasOrder();
                    return this;
                },
                executor);
    }

    /** Changes the progress; the new one is durable when the future completes. */
    CompletableFuture<Issuance> record(UnaryOperator<Progress> change) {
        return CompletableFuture.supplyAsync(
                () -> {
                    recordNow(change);
                    return this;
                },
                executor);
    }

    /** As {@link #record}, on a thread that may block. */
    void recordNow(UnaryOperator<Progress> change) {
        Progress changed = change.apply(progress);
        inJournal(journal -> {
            journal.save(changed.toJson());
            return journal;
        });
        progress = changed;
    }

    /** Gives the order up: nothing of it is worth keeping. What is still published stays in the journal. */
    CompletableFuture<Issuance> dropOrder() {
        return CompletableFuture.supplyAsync(
                () -> {
                    resumed = false;
                    Progress dropped = progress.withOrder("");
                    if (dropped.published().isEmpty()) {
                        inJournal(journal -> {
                            journal.clear();
                            return journal;
                        });
                        progress = dropped;
                    } else {
                        recordNow(old -> dropped);
                    }
                    return this;
                },
                executor);
    }

    /** Makes the certificate's key, on a thread that may block. */
    KeyPair newKey() {
        return request.keys().get();
    }

    /** Posts for the account, unless the certificate is no longer wanted. Gone accounts fail here, whatever the step. */
    CompletableFuture<Answer> post(Signer account, URI url, String payload, int limit) {
        checkWanted();
        return client.post(url, account, payload, limit).thenApply(Issuance::checkAccount);
    }

    /** POST-as-GET (RFC 8555 §6.3). */
    CompletableFuture<Answer> fetch(Signer account, URI url) {
        return post(account, url, "", Transport.JSON_LIMIT);
    }

    /** Posts a new order. */
    CompletableFuture<Answer> postNewOrder(Signer account, String payload) {
        checkWanted();
        return client.post(Directory::newOrder, account, payload).thenApply(Issuance::checkAccount);
    }

    /** The CA's directory. */
    CompletableFuture<Directory> directory() {
        return client.directory();
    }

    /** Checks a URL that an answer named; its requests go nowhere the directory does not name. */
    CompletableFuture<URI> permitted(String url, String where) {
        return client.directory().thenApply(known -> known.permitted(url, where));
    }

    /**
     * Waits before the next look at something that the CA is still working on.
     *
     * @param pace what counts the looks
     * @param what the URL that is looked at, for the message
     * @param retryAfter what the last answer asked for
     * @return completes on the executor; fails with {@code SERVER} if the order's time is up: the journal keeps the order,
     *     and the next run goes on with it
     */
    CompletableFuture<Issuance> pause(Pace pace, URI what, Optional<Duration> retryAfter) {
        Duration wait = pace.next(retryAfter);
        if (now().plus(wait).isAfter(parkAt)) {
            return CompletableFuture.failedFuture(new IssueException(
                    Kind.SERVER,
                    "the CA has not finished " + what + " for " + subject()
                            + " in time; the order is kept and resumed by the next try",
                    null,
                    null,
                    retryAfter.map(now()::plus).orElse(null)));
        }
        CompletableFuture<Issuance> over = new CompletableFuture<>();
        scheduler.schedule(wait, () -> {
            try {
                executor.execute(() -> over.complete(this));
            } catch (RuntimeException e) {
                over.completeExceptionally(e); // the executor was shut down
            }
        });
        return over;
    }

    /** Stops an issuance whose result is no longer wanted, before it reaches outside again. */
    void checkWanted() {
        if (request.cancelled().getAsBoolean()) {
            throw new IssueException(Kind.STOPPED, "issuing " + subject() + " was stopped");
        }
    }

    private Optional<Progress> readable(String text) {
        try {
            Progress read = Progress.parse(text);
            read.keyPair();
            return Optional.of(
                    read.directory().equals(directory)
                            ? read
                            : Progress.none(directory).withPublished(read.published()));
        } catch (IllegalArgumentException e) {
            LOG.warn("The journal of {} cannot be read and is begun anew: {}", subject(), e.getMessage());
            return Optional.empty();
        }
    }

    private <T> T inJournal(java.util.function.Function<IssueJournal, T> use) {
        try {
            return use.apply(request.journal());
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw StoreException.retryable("the journal of " + subject() + " failed", e);
        }
    }

    private static Answer checkAccount(Answer answer) {
        if (answer.isProblem("accountDoesNotExist")) {
            throw new AccountLostException(Failures.of("using the account", answer));
        }
        return answer;
    }
}
