package org.autotls;

import static java.util.Objects.requireNonNull;

/**
 * A certificate as its issuer knows it. Immutable.
 *
 * @param id the unique identifier of RFC 9773 §4.1: the key identifier of whoever signed it and its serial number, both
 *     in base64url, with a dot between
 * @param origin what its issuer called itself, as {@link CertificateBundle#origin} gave it
 */
public record IssuedCertificate(String id, String origin) {

    /** Checks the values. */
    public IssuedCertificate {
        requireNonNull(id, "id");
        requireNonNull(origin, "origin");
    }
}
