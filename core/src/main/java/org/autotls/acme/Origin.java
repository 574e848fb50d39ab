package org.autotls.acme;

import java.util.Optional;
import org.autotls.IssuedCertificate;

/**
 * Who issued a certificate: a CA, for an account. Only that CA is asked about it, and only for that account it may be
 * replaced (RFC 9773 §5). Immutable.
 *
 * @param directory the CA's directory URL
 * @param account the account's URL
 */
record Origin(String directory, String account) {

    private static final String SEPARATOR = " "; // no URL has one

    /** Reads what {@link #text} wrote; empty for what another kind of issuer wrote. */
    static Optional<Origin> of(IssuedCertificate certificate) {
        String[] parts = certificate.origin().split(SEPARATOR, -1);
        return parts.length == 2 ? Optional.of(new Origin(parts[0], parts[1])) : Optional.empty();
    }

    String text() {
        return directory + SEPARATOR + account;
    }
}
