package org.autotls.acme;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.autotls.CertificateBundle;
import org.autotls.Text;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses among the chains that a CA offers for one certificate (RFC 8555 §7.4.2): the first whose last certificate was
 * issued by a root of the wanted common name. Without a wish, or if none fits, it is the one that the CA sent.
 *
 * <p>Nothing that goes wrong with an alternate chain spoils the one at hand: it is logged, and the next is looked at.
 *
 * @param issuance what is issued
 * @param account whose certificate it is
 * @param root the wanted common name; empty for no wish
 */
record PreferredChain(Issuance issuance, Signer account, String root) {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /** More than any CA has roots; a hostile one gets no more requests out of us. */
    private static final int MAX_ALTERNATES = 10;

    /**
     * Chooses.
     *
     * @param answer the CA's answer with the first chain
     * @param first that chain
     * @param check reads and checks another
     */
    CompletableFuture<CertificateBundle> choose(
            Answer answer, CertificateBundle first, Function<Answer, CertificateBundle> check) {
        if (root.isEmpty() || endsAt(first)) {
            return CompletableFuture.completedFuture(first);
        }
        Iterator<String> alternates =
                Links.of(answer, "alternate", MAX_ALTERNATES).iterator();
        return next(answer.url(), alternates, check)
                .thenApply(found -> found.orElseGet(() -> {
                    LOG.warn(
                            "no chain for {} ends at '{}'; the one that the CA sent first is kept",
                            issuance.subject(),
                            Text.escape(root));
                    return first;
                }));
    }

    private CompletableFuture<Optional<CertificateBundle>> next(
            URI base, Iterator<String> alternates, Function<Answer, CertificateBundle> check) {
        if (!alternates.hasNext()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return fetch(base, alternates.next(), check)
                .thenCompose(found -> found.filter(this::endsAt).isPresent()
                        ? CompletableFuture.completedFuture(found)
                        : next(base, alternates, check));
    }

    private CompletableFuture<Optional<CertificateBundle>> fetch(
            URI base, String link, Function<Answer, CertificateBundle> check) {
        return CompletableFuture.completedFuture(link)
                .thenCompose(text -> issuance.permitted(base.resolve(text).toString(), "the alternate chain"))
                .thenCompose(url -> issuance.post(account, url, "", Transport.CHAIN_LIMIT))
                .thenApply(answer -> {
                    if (!answer.isSuccess()) {
                        throw Failures.of("downloading an alternate chain", answer);
                    }
                    return Optional.of(check.apply(answer));
                })
                .exceptionally(thrown -> {
                    Throwable cause = Async.unwrap(thrown);
                    LOG.warn("an alternate chain for {} cannot be used: {}", issuance.subject(), cause.getMessage());
                    return Optional.empty();
                });
    }

    private boolean endsAt(CertificateBundle bundle) {
        List<X509Certificate> chain = bundle.chain();
        X500Name issuer = X500Name.getInstance(
                chain.get(chain.size() - 1).getIssuerX500Principal().getEncoded());
        return List.of(issuer.getRDNs(BCStyle.CN)).stream()
                .anyMatch(name ->
                        IETFUtils.valueToString(name.getFirst().getValue()).equals(root));
    }
}
