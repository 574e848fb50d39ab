package org.autotls.acme;

import java.net.URI;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The download step (RFC 8555 §7.4.2): fetches the chain of a valid order and checks it. An order that is valid is never
 * ordered again because its certificate is slow to appear: the download is tried a few times here and again by later runs.
 * Stateless.
 */
final class DownloadStep {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    private static final int TRIES = 6;

    private DownloadStep() {}

    static CompletableFuture<CertificateBundle> run(
            Issuance issuance, Signer account, Order order, String preferredRoot) {
        // An order can be valid while the journal holds no key only if someone else finalized it.
        KeyPair key = issuance.progress()
                .keyPair()
                .orElseThrow(() -> new OrderLostException(new IssueException(
                        Kind.SERVER, "order " + order.url() + " is valid, but not for a key of ours")));
        if (order.certificate().isEmpty()) {
            throw OrderStep.without(order, "certificate");
        }
        return issuance.permitted(order.certificate(), "the order")
                .thenCompose(url -> fetch(issuance, account, url, new Pace()))
                .thenCompose(answer -> readable(issuance, answer))
                .thenCompose(answer -> new PreferredChain(issuance, account, preferredRoot)
                        .choose(answer, verified(issuance, key, answer), other -> verified(issuance, key, other)));
    }

    private static CompletableFuture<Answer> fetch(Issuance issuance, Signer account, URI url, Pace pace) {
        return issuance.post(account, url, "", Transport.CHAIN_LIMIT).thenCompose(answer -> {
            if (answer.isSuccess()) {
                return CompletableFuture.completedFuture(answer);
            }
            if (pace.looks() + 1 >= TRIES || answer.retryAfter().isPresent() || answer.status() == 429) {
                throw notThere(issuance, answer);
            }
            return issuance.pause(pace, url, answer.retryAfter())
                    .thenCompose(later -> fetch(issuance, account, url, pace));
        });
    }

    /** Whatever the refusal says, the certificate exists: try to download it again soon. */
    private static IssueException notThere(Issuance issuance, Answer answer) {
        IssueException failure = Failures.of("downloading the certificate of " + issuance.subject(), answer);
        return failure.kind() == Kind.RATE_LIMITED
                ? failure
                : new IssueException(
                        Kind.SERVER,
                        String.valueOf(failure.getMessage()),
                        failure,
                        failure.problem().orElse(null),
                        failure.retryAt().orElse(null));
    }

    private static CertificateBundle verified(Issuance issuance, KeyPair key, Answer answer) {
        try {
            List<X509Certificate> chain = IssuedChain.parse(answer.text());
            IssuedChain.check(chain, issuance.subject(), key.getPublic(), issuance.now());
            List<X509Certificate> used = IssuedChain.usable(
                    chain,
                    issuance.now(),
                    warning -> LOG.warn("The certificate for {}: {}", issuance.subject(), warning));
            return CertificateBundle.of(key.getPrivate(), used);
        } catch (IllegalArgumentException e) {
            // Downloading the same certificate again would not help: the next run orders a new one.
            throw new OrderLostException(
                    new IssueException(Kind.BAD_CERTIFICATE, message(issuance, answer) + e.getMessage(), e));
        }
    }

    /**
     * Something that is no certificate at all is the server's trouble, and may be gone next time. If it is not, the order is
     * dropped, and there is no new one today: what is wrong with it may be wrong with the next.
     */
    private static CompletableFuture<Answer> readable(Issuance issuance, Answer answer) {
        try {
            IssuedChain.parse(answer.text());
            return CompletableFuture.completedFuture(answer);
        } catch (IllegalArgumentException e) {
            Kind kind = issuance.isResumed() ? Kind.BAD_CERTIFICATE : Kind.SERVER;
            IssueException failure = new IssueException(kind, message(issuance, answer) + e.getMessage(), e);
            return issuance.isResumed()
                    ? issuance.dropOrder().thenCompose(dropped -> CompletableFuture.failedFuture(failure))
                    : CompletableFuture.failedFuture(failure);
        }
    }

    private static String message(Issuance issuance, Answer answer) {
        return answer.url() + " sent no certificate for " + issuance.subject() + " that can be used: ";
    }
}
