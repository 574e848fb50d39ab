package org.autotls;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
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

    /** Keys of these kinds: that of primary subjects, and perhaps that of alternates. */
    static CertificateKeys of(List<KeyType> types) {
        if (types.isEmpty()
                || types.stream().map(KeyType::keyAlgorithm).distinct().count() != types.size()) {
            throw new IllegalArgumentException(
                    "key types " + types + ": expected one, or one of EC and one of RSA such as ec-p256,rsa-2048");
        }
        SecureRandom random = new SecureRandom();
        KeyType first = types.get(0);
        return new CertificateKeys(
                () -> first.generate(random), types.stream().skip(1).findFirst(), random);
    }

    /** The same, but for those of primary subjects. */
    CertificateKeys withPrimary(Supplier<KeyPair> keys) {
        return new CertificateKeys(keys, alternate, random);
    }

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
