package org.autotls;

import static java.util.Objects.requireNonNull;

import java.security.KeyPair;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One certificate, asked of an {@link Issuer}.
 *
 * @param subject the identifiers to certify
 * @param keys makes a new certificate's key pair; called by the issuer when it is needed, once per order
 * @param journal where progress is kept
 * @param cancelled whether the result is no longer wanted; asked before each step that reaches outside
 * @param predecessor the certificate that the new one takes the place of (RFC 9773 §5); an issuer that did not issue it
 *     leaves it out of account
 * @param refusals tries in a row, before this one, that failed since the name was not proved or the CA refused it; zero if
 *     the last one failed for another reason
 */
public record IssueRequest(
        Subject subject,
        Supplier<KeyPair> keys,
        IssueJournal journal,
        BooleanSupplier cancelled,
        Optional<IssuedCertificate> predecessor,
        int refusals) {

    /** Checks a request. */
    public IssueRequest {
        requireNonNull(subject, "subject");
        requireNonNull(keys, "keys");
        requireNonNull(journal, "journal");
        requireNonNull(cancelled, "cancelled");
        requireNonNull(predecessor, "predecessor");
    }

    /**
     * A request for a certificate that takes no other one's place, the first one.
     *
     * @param subject the identifiers to certify
     * @param keys makes a new certificate's key pair
     * @param journal where progress is kept
     * @param cancelled whether the result is no longer wanted
     */
    public IssueRequest(Subject subject, Supplier<KeyPair> keys, IssueJournal journal, BooleanSupplier cancelled) {
        this(subject, keys, journal, cancelled, Optional.empty(), 0);
    }
}
