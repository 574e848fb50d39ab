package org.autotls;

import static java.util.Objects.requireNonNull;

import java.security.KeyPair;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One certificate, asked of an {@link Issuer}.
 *
 * @param subject the identifiers to certify
 * @param keys makes a new certificate's key pair; called by the issuer when it is needed, once per order
 * @param journal where progress is kept
 * @param cancelled whether the result is no longer wanted; asked before each step that reaches outside
 */
public record IssueRequest(Subject subject, Supplier<KeyPair> keys, IssueJournal journal, BooleanSupplier cancelled) {

    /** Checks a request. */
    public IssueRequest {
        requireNonNull(subject, "subject");
        requireNonNull(keys, "keys");
        requireNonNull(journal, "journal");
        requireNonNull(cancelled, "cancelled");
    }
}
