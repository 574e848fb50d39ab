package org.autotls.acme;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.autotls.internal.JsonObject;
import org.autotls.internal.Sha256;

/**
 * The account key as ACME uses it: signs requests (RFC 8555 §6.2: ES256, ES384, ES512 or RS256, RFC 7518 §3) and has a
 * thumbprint (RFC 7638). Immutable.
 *
 * <p><b>Secrets.</b> Holds a private key that cannot leave it; {@link #toString} shows the thumbprint.
 */
final class AccountKey {

    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final PrivateKey secret;
    private final String algorithm;
    private final String signature;
    private final Map<String, String> jwk;

    private AccountKey(PrivateKey secret, String algorithm, String signature, Map<String, String> jwk) {
        this.secret = secret;
        this.algorithm = algorithm;
        this.signature = signature;
        this.jwk = jwk;
    }

    /**
     * Takes a key pair.
     *
     * @throws IllegalArgumentException if it is neither EC on a curve that ACME knows nor RSA
     */
    static AccountKey of(KeyPair pair) {
        PublicKey open = pair.getPublic();
        if (open instanceof ECPublicKey ec) {
            return ofEc(pair.getPrivate(), ec);
        }
        if (open instanceof RSAPublicKey rsa) {
            Map<String, String> jwk = new LinkedHashMap<>(); // the members' order is RFC 7638's
            jwk.put("e", base64url(unsigned(rsa.getPublicExponent(), 0)));
            jwk.put("kty", "RSA");
            jwk.put("n", base64url(unsigned(rsa.getModulus(), 0)));
            return new AccountKey(pair.getPrivate(), "RS256", "SHA256withRSA", jwk);
        }
        throw new IllegalArgumentException("an account key is EC or RSA, not " + open.getAlgorithm());
    }

    private static AccountKey ofEc(PrivateKey secret, ECPublicKey open) {
        int bits = open.getParams().getCurve().getField().getFieldSize();
        String digest = switch (bits) {
            case 256 -> "256";
            case 384 -> "384";
            case 521 -> "512";
            default -> throw new IllegalArgumentException("no ACME signature for an EC key of " + bits + " bits");
        };
        int length = (bits + 7) / 8;
        Map<String, String> jwk = new LinkedHashMap<>();
        jwk.put("crv", "P-" + bits);
        jwk.put("kty", "EC");
        jwk.put("x", base64url(unsigned(open.getW().getAffineX(), length)));
        jwk.put("y", base64url(unsigned(open.getW().getAffineY(), length)));
        return new AccountKey(secret, "ES" + digest, "SHA" + digest + "withECDSAinP1363Format", jwk);
    }

    /** The {@code alg} of a JWS made with this key. */
    String algorithm() {
        return algorithm;
    }

    /** The public key (RFC 7517), members in the order of RFC 7638. */
    Map<String, String> jwk() {
        return jwk;
    }

    /** RFC 7638 with SHA-256, base64url. */
    String thumbprint() {
        return base64url(Sha256.of(JsonObject.write(jwk)));
    }

    /** Token and thumbprint joined (RFC 8555 §8.1). */
    String keyAuthorization(String token) {
        return token + "." + thumbprint();
    }

    byte[] sign(byte[] data) {
        try {
            Signature signer = Signature.getInstance(signature);
            signer.initSign(secret);
            signer.update(data);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the account key cannot sign with " + signature, e);
        }
    }

    @Override
    public String toString() {
        return "AccountKey[" + algorithm + ", thumbprint " + thumbprint() + "]";
    }

    static String base64url(byte[] bytes) {
        return BASE64URL.encodeToString(bytes);
    }

    /** Big-endian, without a sign byte, padded to {@code length}; 0 means as short as may be. */
    private static byte[] unsigned(BigInteger value, int length) {
        byte[] signed = value.toByteArray();
        int skip = signed[0] == 0 && signed.length > 1 ? 1 : 0;
        int size = signed.length - skip;
        byte[] out = new byte[Math.max(size, length)];
        System.arraycopy(signed, skip, out, out.length - size, size);
        return out;
    }
}
