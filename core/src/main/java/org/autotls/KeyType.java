package org.autotls;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of key that certificates are made for. */
public enum KeyType {
    /** ECDSA on P-256, the default: smallest and fastest of those that every client takes. */
    EC_P256("EC", new ECGenParameterSpec("secp256r1")),
    /** ECDSA on P-384. */
    EC_P384("EC", new ECGenParameterSpec("secp384r1")),
    /** RSA with 2048 bits, for clients that know no ECDSA. */
    RSA_2048("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4)),
    /** RSA with 3072 bits. */
    RSA_3072("RSA", new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4)),
    /** RSA with 4096 bits. */
    RSA_4096("RSA", new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4));

    private final String algorithm;
    private final transient AlgorithmParameterSpec parameters;

    KeyType(String algorithm, AlgorithmParameterSpec parameters) {
        this.algorithm = algorithm;
        this.parameters = parameters;
    }

    /**
     * Reads the form used in configuration: {@code ec-p256}, {@code ec-p384}, {@code rsa-2048}, {@code rsa-3072},
     * {@code rsa-4096}.
     *
     * @param text case does not matter
     * @return the key type
     * @throws IllegalArgumentException naming the value and the choices
     */
    public static KeyType parse(String text) {
        for (KeyType type : values()) {
            if (type.toString().equals(text.toLowerCase(Locale.ROOT))) {
                return type;
            }
        }
        throw new IllegalArgumentException("key type '" + Text.escape(text) + "': expected one of "
                + Arrays.stream(values()).map(KeyType::toString).collect(Collectors.joining(", ")));
    }

    /**
     * Returns how keys of this kind sign.
     *
     * @return ECDSA or RSA
     */
    public KeyAlgorithm keyAlgorithm() {
        return algorithm.equals("RSA") ? KeyAlgorithm.RSA : KeyAlgorithm.ECDSA;
    }

    /**
     * Makes a key pair.
     *
     * @param random a source fit for keys
     * @return a new key pair
     */
    public KeyPair generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot make " + this + " keys", e);
        }
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
