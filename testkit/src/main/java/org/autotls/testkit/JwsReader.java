package org.autotls.testkit;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The CA's side of RFC 8555 §6.2: reads a flattened JWS and checks its signature. Stateless. */
final class JwsReader {

    /** A JWS whose signature is not checked yet. */
    @SuppressWarnings("ArrayRecordComponent") // made once and read once
    record Jws(Map<String, Object> header, String payload, String signed, byte[] signature) {

        String text(String name) {
            return String.valueOf(header.getOrDefault(name, ""));
        }

        @SuppressWarnings("unchecked")
        Map<String, Object> jwk() {
            return (Map<String, Object>) header.getOrDefault("jwk", Map.of());
        }

        boolean isSignedBy(Map<String, Object> jwk) throws GeneralSecurityException {
            Signature verifier = Signature.getInstance(
                    switch (text("alg")) {
                        case "ES256" -> "SHA256withECDSAinP1363Format";
                        case "ES384" -> "SHA384withECDSAinP1363Format";
                        case "ES512" -> "SHA512withECDSAinP1363Format";
                        case "RS256" -> "SHA256withRSA";
                        default -> throw new GeneralSecurityException("alg " + text("alg"));
                    });
            verifier.initVerify(publicKey(jwk));
            verifier.update(signed.getBytes(StandardCharsets.US_ASCII));
            return verifier.verify(signature);
        }

        boolean isAuthenticatedBy(byte[] macKey) throws GeneralSecurityException {
            String algorithm = text("alg").replace("HS", "HmacSHA");
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(macKey, algorithm));
            return MessageDigest.isEqual(signature, mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private JwsReader() {}

    static Jws read(String body) {
        Map<String, Object> json = Json.parse(body);
        String head = String.valueOf(json.get("protected"));
        String payload = String.valueOf(json.get("payload"));
        return new Jws(
                Json.parse(new String(decode(head), StandardCharsets.UTF_8)),
                new String(decode(payload), StandardCharsets.UTF_8),
                head + "." + payload,
                decode(String.valueOf(json.get("signature"))));
    }

    /** RFC 7638, which also names an account's key. */
    static String thumbprint(Map<String, Object> jwk) {
        Map<String, Object> required = new TreeMap<>();
        for (String name : new String[] {"crv", "e", "kty", "n", "x", "y"}) {
            if (jwk.containsKey(name)) {
                required.put(name, jwk.get(name));
            }
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(Json.write(required).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] decode(String base64url) {
        return Base64.getUrlDecoder().decode(base64url);
    }

    static PublicKey publicKey(Map<String, Object> jwk) throws GeneralSecurityException {
        if ("RSA".equals(jwk.get("kty"))) {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
        }
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec(
                switch (String.valueOf(jwk.get("crv"))) {
                    case "P-256" -> "secp256r1";
                    case "P-384" -> "secp384r1";
                    default -> "secp521r1";
                }));
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(
                        new ECPoint(number(jwk, "x"), number(jwk, "y")),
                        curve.getParameterSpec(ECParameterSpec.class)));
    }

    private static BigInteger number(Map<String, Object> jwk, String name) {
        return new BigInteger(1, decode(String.valueOf(jwk.get(name))));
    }
}
