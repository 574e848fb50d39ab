package org.autotls;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * An account that a CA knows from outside ACME, and the key that proves it: what an external account binding is made with
 * (RFC 8555 §7.3.4). The CA shows both on its web page or by its API. Immutable.
 *
 * <p><b>Secrets.</b> Holds a MAC key that cannot leave it; {@link #toString} shows the key's identifier alone.
 */
public final class ExternalAccount {

    /** The MACs that a binding may be made with (RFC 7518 §3.2). */
    public enum Algorithm {
        /** HMAC with SHA-256, which every CA takes. */
        HS256("HmacSHA256"),
        /** HMAC with SHA-384. */
        HS384("HmacSHA384"),
        /** HMAC with SHA-512. */
        HS512("HmacSHA512");

        private final String jca;

        Algorithm(String jca) {
            this.jca = jca;
        }
    }

    private final String keyId;
    private final SecretKey secret;
    private final Algorithm algorithm;

    private ExternalAccount(String keyId, SecretKey secret, Algorithm algorithm) {
        this.keyId = keyId;
        this.secret = secret;
        this.algorithm = algorithm;
    }

    /**
     * Takes what the CA showed, for HS256.
     *
     * @param keyId the key identifier
     * @param macKey the MAC key in base64url; padding, blanks around it and the other alphabet of base64 are taken, too
     * @return the account
     * @throws IllegalArgumentException if the identifier is empty, or the key is not base64url or under 16 bytes; the
     *     message does not show the key
     */
    public static ExternalAccount of(String keyId, String macKey) {
        if (keyId.isBlank()) {
            throw new IllegalArgumentException("the key identifier of the external account is empty");
        }
        byte[] key = decode(macKey.strip());
        if (key.length < 16) {
            throw new IllegalArgumentException("the MAC key of the external account '" + Text.escape(keyId) + "' has "
                    + key.length + " bytes; expected at least 16, in base64url");
        }
        return new ExternalAccount(keyId.strip(), new SecretKeySpec(key, "HMAC"), Algorithm.HS256);
    }

    /**
     * Chooses another MAC.
     *
     * @param other what the CA asks for
     * @return the same account with it
     */
    public ExternalAccount with(Algorithm other) {
        return new ExternalAccount(keyId, secret, requireNonNull(other, "other"));
    }

    /**
     * Returns the key identifier, which is no secret.
     *
     * @return as the CA showed it
     */
    public String keyId() {
        return keyId;
    }

    /**
     * Returns the MAC.
     *
     * @return HS256 unless another was chosen
     */
    public Algorithm algorithm() {
        return algorithm;
    }

    /**
     * Authenticates data with the key.
     *
     * @param data what to authenticate
     * @return the MAC
     */
    public byte[] authenticate(byte[] data) {
        try {
            Mac mac = Mac.getInstance(algorithm.jca);
            mac.init(secret);
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + algorithm.jca, e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ExternalAccount[" + Text.escape(keyId) + ", " + algorithm + "]";
    }

    private static byte[] decode(String macKey) {
        try {
            return Base64.getUrlDecoder().decode(macKey.replace('+', '-').replace('/', '_'));
        } catch (IllegalArgumentException e) {
            // The cause would quote a character of the key: it is left out.
            throw new IllegalArgumentException("the MAC key of the external account is not base64url");
        }
    }
}
