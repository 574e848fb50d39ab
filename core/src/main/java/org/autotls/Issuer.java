package org.autotls;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Who certificates are ordered from: a CA with an account, or an embedded CA.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #issue} and {@link #renewalInformation} do not wait for the network.
 *
 * <p>An implementation is correct when it passes {@code IssuerContract} of the testkit.
 */
public interface Issuer {

    /**
     * Returns the stable key of this issuer, which logs, attempt records and {@code status} show.
     *
     * @return for example the ACME directory's URL
     */
    String issuerKey();

    /**
     * Orders one certificate.
     *
     * <p>The key is new, matches the leaf, and was durable in the journal before the CA was asked to sign. What comes back
     * has been checked: the leaf's names are the subject's, it is for this key, it is not expired, the chain orders. Its
     * {@linkplain CertificateBundle#origin origin} is set if this issuer answers {@link #renewalInformation}. The
     * journal still holds the result's key; the caller clears it once the bundle is saved.
     *
     * @param request what is asked
     * @return completes with the bundle; fails with {@link IssueException}, whose kind says what to do next, or with
     *     {@link StoreException} if the journal could not be written
     */
    CompletionStage<CertificateBundle> issue(IssueRequest request);

    /**
     * Tells whether a journal's text is an order of this issuer that it would go on with. Default: no.
     *
     * @param journal what {@link IssueJournal#load} returned
     * @return whether {@link #issue} would resume it
     */
    default boolean resumes(String journal) {
        return false;
    }

    /**
     * Returns how many orders it may place now. Whoever has more to ask for asks for the most urgent first, and lets the rest
     * wait; what is asked for beyond it fails with {@code OVER_BUDGET}. Asks nobody and does not block. Default: any number.
     *
     * @param now the present
     * @return what is left
     */
    default OrderAllowance allowance(Instant now) {
        return OrderAllowance.UNLIMITED;
    }

    /**
     * Returns how many orders for one subject it may place now: a CA may have limits per name or domain, too. If there are
     * none now, this subject waits, and others do not wait for it. Asks nobody and does not block. Default: as many as of any.
     *
     * @param subject what would be ordered
     * @param now the present
     * @return at most what {@link #allowance(Instant)} says
     */
    default OrderAllowance allowance(Subject subject, Instant now) {
        return allowance(now);
    }

    /**
     * Asks when a certificate is best renewed (RFC 9773 §4). Default: this issuer has no word on that.
     *
     * @param certificate what was issued, perhaps by another issuer
     * @return completes with the answer, or empty, and then nobody was asked, if this issuer did not issue the certificate
     *     or has no such word; fails with {@link IssueException} if there was no answer, or none that makes sense: the
     *     caller asks again later, and renews by the certificate's own times meanwhile
     */
    default CompletionStage<Optional<RenewalInformation>> renewalInformation(IssuedCertificate certificate) {
        return CompletableFuture.completedStage(Optional.empty());
    }

    /**
     * Tells what an order that is over, or given up, has made answerable outside and not undone. Default: nothing.
     *
     * @param journal what {@link IssueJournal#load} returned, or what this method did
     * @return what {@link #cleanUp} needs; empty if all is undone, or the text is not this issuer's. Holds no key
     */
    default Optional<String> leftovers(String journal) {
        return Optional.empty();
    }

    /**
     * Undoes what an order has left. May be repeated, also for what is gone. Does not wait for the network.
     *
     * @param leftovers what {@link #leftovers} returned, perhaps in another process
     * @return completes with what is still to be undone, which is logged; empty if nothing is. Default: all of it
     */
    default CompletionStage<Optional<String>> cleanUp(String leftovers) {
        return CompletableFuture.completedFuture(Optional.of(leftovers));
    }
}
