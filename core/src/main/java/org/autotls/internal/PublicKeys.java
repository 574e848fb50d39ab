package org.autotls.internal;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** Public keys: from their encoding, and from the private key they belong to. Stateless. */
public final class PublicKeys {

    private PublicKeys() {}

    /**
     * Reads a SubjectPublicKeyInfo.
     *
     * @param encoded DER
     * @return the key, of a class of the JDK
     * @throws IllegalArgumentException if it is not one
     */
    public static PublicKey parse(byte[] encoded) {
        try {
            AlgorithmIdentifier algorithm =
                    SubjectPublicKeyInfo.getInstance(encoded).getAlgorithm();
            String oid = algorithm.getAlgorithm().getId();
            String name = switch (oid) {
                case "1.2.840.113549.1.1.1" -> "RSA";
                case "1.2.840.10045.2.1" -> "EC";
                case "1.3.101.112", "1.3.101.113" -> "EdDSA";
                default -> throw new IllegalArgumentException("public key algorithm " + oid + " is not known");
            };
            return KeyFactory.getInstance(name).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new IllegalArgumentException("not a public key", e);
        }
    }

    /**
     * Computes the public key of a private one.
     *
     * @param privateKey RSA with CRT values, or EC
     * @return the public key
     * @throws IllegalArgumentException if it cannot be computed
     */
    public static PublicKey of(PrivateKey privateKey) {
        try {
            if (privateKey instanceof RSAPrivateCrtKey rsa) {
                return KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            }
            if (privateKey instanceof ECPrivateKey) {
                ECPrivateKeyParameters secret =
                        (ECPrivateKeyParameters) PrivateKeyFactory.createKey(privateKey.getEncoded());
                ECPublicKeyParameters point = new ECPublicKeyParameters(pointOf(secret), secret.getParameters());
                return parse(SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(point)
                        .getEncoded());
            }
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalArgumentException("no public key can be computed", e);
        }
        throw new IllegalArgumentException("no public key can be computed for " + privateKey.getAlgorithm());
    }

    /** The point that is the public half. */
    static ECPoint pointOf(ECPrivateKeyParameters secret) {
        return new FixedPointCombMultiplier().multiply(secret.getParameters().getG(), secret.getD());
    }
}
