package org.autotls;

import java.security.Key;
import java.util.Locale;
import java.util.Optional;

/**
 * How a key signs in a TLS handshake: what a client has to know to take its certificate. A name may have a certificate for
 * each, the primary one and an {@linkplain Subject#alternate alternate}.
 */
public enum KeyAlgorithm {
    /** ECDSA, RFC 8422. */
    ECDSA("EC", KeyType.EC_P256),
    /** RSA, for clients that know no ECDSA. */
    RSA("RSA", KeyType.RSA_2048);

    private final String jcaName;
    private final KeyType usual;

    KeyAlgorithm(String jcaName, KeyType usual) {
        this.jcaName = jcaName;
        this.usual = usual;
    }

    /**
     * Returns the kind of key that is made where none was chosen.
     *
     * @return the smallest kind of this algorithm
     */
    public KeyType usualType() {
        return usual;
    }

    /**
     * Tells whether a key is of this algorithm.
     *
     * @param key public or private
     * @return whether it signs, or verifies, in this way
     */
    public boolean fits(Key key) {
        return key.getAlgorithm().equals(jcaName);
    }

    /**
     * Returns what the name of an alternate subject ends with. Neither a DNS name nor an address does.
     *
     * @return {@code :ecdsa} or {@code :rsa}
     */
    public String suffix() {
        return ":" + this;
    }

    /**
     * Reads what the name of a subject ends with.
     *
     * @param name as {@link Subject#name} writes it, or as a person does; case does not matter
     * @return empty for a primary subject's
     */
    public static Optional<KeyAlgorithm> atEndOf(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (KeyAlgorithm algorithm : values()) {
            if (lower.endsWith(algorithm.suffix())) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** Lower case: {@code ecdsa} or {@code rsa}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
