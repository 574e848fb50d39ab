package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question to an issuer, when it wants one certificate renewed: claim, ask, check, keep, tell. Used once.
 *
 * <p>After a crash: the claim says that an answer did not come, and the next run asks after a minute or more. An answer is
 * kept, with its draw, before anybody acts on it.
 *
 * <p><b>Threads.</b> Steps run one after another on the executor.
 */
final class RenewalInquiry {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);

    private final ServiceOptions options;
    private final RenewalRecords records;
    private final Callbacks callbacks;
    private final Subject subject;
    private final IssuedCertificate certificate;
    private final LeafTimes leaf;

    RenewalInquiry(
            ServiceOptions options,
            RenewalRecords records,
            Callbacks callbacks,
            Subject subject,
            IssuedCertificate certificate,
            LeafTimes leaf) {
        this.options = options;
        this.records = records;
        this.callbacks = callbacks;
        this.subject = subject;
        this.certificate = certificate;
        this.leaf = leaf;
    }

    /**
     * Runs the steps; called on the executor.
     *
     * @return completes with what is known then, {@link RenewalRecord#NONE} if the certificate was replaced meanwhile; fails
     *     with {@link StoreException} if the record could not be read or written
     */
    CompletionStage<RenewalRecord> run() {
        Instant now = options.scheduler().instant();
        RenewalRecords.Change claim = records.update(
                subject,
                certificate.id(),
                record -> record.askAt(now).isAfter(now) ? record : record.asked(now, options.random()));
        return claim.isMade()
                ? ask().thenApply(this::checked)
                        .handleAsync(
                                (said, thrown) -> thrown == null ? keep(said) : keepFailure(thrown), options.executor())
                : CompletableFuture.completedStage(claim.after()); // another node has asked
    }

    /** A user's issuer may throw, or never answer. */
    private CompletableFuture<Optional<RenewalInformation>> ask() {
        CompletableFuture<Optional<RenewalInformation>> answer = new CompletableFuture<>();
        Scheduler.Cancellable deadline = options.scheduler()
                .schedule(
                        RenewalInquiries.LIMIT,
                        () -> answer.completeExceptionally(new IssueException(
                                IssueException.Kind.SERVER, "no answer within " + RenewalInquiries.LIMIT)));
        answer.whenComplete((said, failure) -> deadline.cancel());
        try {
            Issuer issuer = requireNonNull(options.issuers().get(), "the issuer supplier returned null");
            issuer.renewalInformation(certificate).whenComplete((said, failure) -> {
                if (failure == null) {
                    answer.complete(requireNonNull(said, "the issuer answered null"));
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    private Optional<RenewalInformation> checked(Optional<RenewalInformation> said) {
        said.map(RenewalInformation::window)
                .filter(window -> !RenewalPolicy.isPlausible(window, leaf))
                .ifPresent(window -> {
                    throw new IssueException(
                            IssueException.Kind.SERVER,
                            "the window " + window.start() + " to " + window.end()
                                    + " is not within the certificate's validity, "
                                    + leaf.notBefore() + " to " + leaf.notAfter());
                });
        return said;
    }

    private RenewalRecord keepFailure(Throwable thrown) {
        Instant now = options.scheduler().instant();
        IssueException failure = issueException(thrown);
        RenewalRecord kept = records.update(
                        subject, certificate.id(), record -> record.failed(failure, now, options.random()))
                .after();
        LOG.debug("not known when to renew {}, asked again at {}", subject, kept.askAt(), failure);
        return kept;
    }

    private RenewalRecord keep(Optional<RenewalInformation> said) {
        Instant now = options.scheduler().instant();
        RenewalRecords.Change change = records.update(
                subject,
                certificate.id(),
                record -> said.map(sound -> record.answered(sound, now, options.random()))
                        .orElseGet(() -> record.unsaid(now)));
        if (change.hasNewWindow()) {
            said.ifPresent(sound -> tell(sound, change.after()));
        }
        return change.after();
    }

    private void tell(RenewalInformation said, RenewalRecord record) {
        RenewalWindow window = said.window();
        if (said.explanationUrl().isEmpty()) {
            LOG.debug("{} is to be renewed at {}, by the CA's window {}", subject, record.selected(), window);
        } else {
            LOG.warn(
                    "the CA wants {} renewed between {} and {}, and says why at {}; chosen: {}",
                    subject,
                    window.start(),
                    window.end(),
                    said.explanationUrl(),
                    record.selected());
        }
        callbacks.tell("renewalSuggested", listener -> listener.renewalSuggested(subject, said));
    }

    private static IssueException issueException(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof IssueException known
                ? known
                : new IssueException(IssueException.Kind.SERVER, String.valueOf(cause), cause);
    }
}
