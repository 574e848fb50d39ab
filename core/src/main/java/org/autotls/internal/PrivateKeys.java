package org.autotls.internal;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Private keys in the forms that OpenSSL writes: PKCS#8 ({@code PRIVATE KEY}), PKCS#1 ({@code RSA PRIVATE KEY}) and SEC 1
 * ({@code EC PRIVATE KEY}, RFC 5915). Stateless. No message of an exception shows key material.
 */
public final class PrivateKeys {

    /** The PEM type that we write: PKCS#8, the one form that every reader takes. */
    public static final String PKCS8 = "PRIVATE KEY";

    private static final String RSA = "RSA PRIVATE KEY";
    private static final String SEC1 = "EC PRIVATE KEY";
    private static final List<String> PLAIN = List.of(PKCS8, RSA, SEC1);

    private PrivateKeys() {}

    /**
     * Tells whether a PEM block is a private key that {@link #parse} reads.
     *
     * @param block any block
     * @return whether its type is one of the three
     */
    public static boolean isPrivateKey(Pem.Block block) {
        return PLAIN.contains(block.type());
    }

    /**
     * Reads a private key.
     *
     * @param block one of the three forms, not encrypted
     * @return the key, of a class of the JDK
     * @throws IllegalArgumentException if it is not such a key
     */
    public static PrivateKey parse(Pem.Block block) {
        try {
            PrivateKeyInfo info = info(block);
            return KeyFactory.getInstance(algorithm(info)).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // The cause may quote what it could not read: it is left out.
            throw new IllegalArgumentException(
                    "the block '" + block.type() + "' does not hold a private key that can be read");
        }
    }

    /**
     * Writes a key pair whose two halves can be read back by {@link #parsePair}: the private key as PKCS#8, then the public
     * key.
     *
     * @param pair any pair
     * @return PEM
     */
    public static String encodePair(KeyPair pair) {
        return encode(pair.getPrivate())
                + Pem.encode("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    /**
     * Reads a key pair: a private key, and the public key from its own block or computed from the private one.
     *
     * @param text PEM
     * @return the pair
     * @throws IllegalArgumentException if there is no private key, or no way to its public key
     */
    public static KeyPair parsePair(String text) {
        List<Pem.Block> blocks = Pem.parse(text);
        Pem.Block secret = blocks.stream()
                .filter(PrivateKeys::isPrivateKey)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no private key"));
        PrivateKey privateKey = parse(secret);
        for (Pem.Block block : blocks) {
            if (block.type().equals("PUBLIC KEY")) {
                return new KeyPair(PublicKeys.parse(block.content()), privateKey);
            }
        }
        return new KeyPair(PublicKeys.of(privateKey), privateKey);
    }

    /**
     * Writes a private key as PKCS#8.
     *
     * @param key any private key that has an encoding
     * @return one PEM block
     */
    public static String encode(PrivateKey key) {
        return Pem.encode(PKCS8, key.getEncoded());
    }

    /** Every form as PKCS#8, which the JDK reads. */
    private static PrivateKeyInfo info(Pem.Block block) throws IOException {
        return switch (block.type()) {
            case PKCS8 -> PrivateKeyInfo.getInstance(block.content());
            case RSA ->
                new PrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                        RSAPrivateKey.getInstance(block.content()));
            case SEC1 -> {
                ECPrivateKey key = ECPrivateKey.getInstance(block.content());
                yield new PrivateKeyInfo(
                        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()), key);
            }
            default -> throw new IllegalArgumentException("not a private key");
        };
    }

    private static String algorithm(PrivateKeyInfo info) {
        String oid = info.getPrivateKeyAlgorithm().getAlgorithm().getId();
        return switch (oid) {
            case "1.2.840.113549.1.1.1" -> "RSA";
            case "1.2.840.10045.2.1" -> "EC";
            case "1.3.101.112", "1.3.101.113" -> "EdDSA";
            default -> throw new IllegalArgumentException("private key algorithm " + oid + " is not known");
        };
    }
}
