package org.autotls.internal;

import java.io.IOException;
import java.io.StringReader;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * Private keys in the forms that OpenSSL writes: PKCS#8 ({@code PRIVATE KEY}), PKCS#1 ({@code RSA PRIVATE KEY}) and SEC 1
 * ({@code EC PRIVATE KEY}, RFC 5915). Stateless. No message of an exception shows key material.
 */
public final class PrivateKeys {

    /** The PEM type that we write: PKCS#8, the one form that every reader takes. */
    public static final String PKCS8 = "PRIVATE KEY";

    private static final List<String> PLAIN = List.of(PKCS8, "RSA PRIVATE KEY", "EC PRIVATE KEY");

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
        Object parsed = read(block);
        try {
            if (parsed instanceof PEMKeyPair pair) {
                return converter().getPrivateKey(pair.getPrivateKeyInfo());
            }
            if (parsed instanceof PrivateKeyInfo info) {
                return converter().getPrivateKey(info);
            }
        } catch (IOException e) {
            throw unreadable(block);
        }
        throw unreadable(block);
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
     * Reads a key pair: a private key, and the public key from its own block or, for RSA and SEC 1, from the private one.
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
        return new KeyPair(publicKey(secret, privateKey), privateKey);
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

    private static PublicKey publicKey(Pem.Block block, PrivateKey privateKey) {
        try {
            if (read(block) instanceof PEMKeyPair pair && pair.getPublicKeyInfo() != null) {
                return converter().getPublicKey(pair.getPublicKeyInfo());
            }
        } catch (IOException e) {
            throw unreadable(block);
        }
        return PublicKeys.of(privateKey);
    }

    private static Object read(Pem.Block block) {
        try (PEMParser parser = new PEMParser(new StringReader(Pem.encode(block.type(), block.content())))) {
            Object parsed = parser.readObject();
            if (parsed == null) {
                throw unreadable(block);
            }
            return parsed;
        } catch (IOException | RuntimeException e) {
            throw unreadable(block);
        }
    }

    private static JcaPEMKeyConverter converter() {
        return new JcaPEMKeyConverter(); // with the JDK's own providers: nothing is registered
    }

    private static IllegalArgumentException unreadable(Pem.Block block) {
        return new IllegalArgumentException(
                "the block '" + block.type() + "' does not hold a private key that can be read");
    }
}
