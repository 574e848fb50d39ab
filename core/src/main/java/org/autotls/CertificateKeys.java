package org.autotls;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What makes the keys of new certificates.
 *
 * @param primary makes those of primary subjects
 * @param alternate the kind of the second certificate that every subject is to have; empty for none
 * @param random a source fit for keys
 */
record CertificateKeys(Supplier<KeyPair> primary, Optional<KeyType> alternate, SecureRandom random) {

    /** Returns what makes the key for a subject. */
    Supplier<KeyPair> of(Subject subject) {
        if (subject.keyAlgorithm().isEmpty()) {
            return primary;
        }
        KeyAlgorithm algorithm = subject.keyAlgorithm().get();
        KeyType type =
                alternate.filter(chosen -> chosen.keyAlgorithm() == algorithm).orElse(algorithm.usualType());
        return () -> type.generate(random);
    }
}
