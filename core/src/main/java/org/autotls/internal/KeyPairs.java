package org.autotls.internal;

import static java.math.BigInteger.ONE;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECParameterSpec;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.math.ec.ECPoint;

/** Whether a private and a public key are the two halves of one pair. Stateless. */
public final class KeyPairs {

    private KeyPairs() {}

    /**
     * Proves that two keys belong together, whatever else stands beside the private one: an EC key by computing the public
     * half, an RSA key with its primes by their arithmetic, any other by a signature, at twenty times the cost.
     *
     * @param privateKey any private key, also one that does not leave its hardware
     * @param publicKey any public key
     * @return whether what the private key signs is what the public key verifies
     * @throws IllegalArgumentException if it is an RSASSA-PSS key, which is not supported
     */
    public static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
        if (privateKey instanceof ECPrivateKey secret && publicKey instanceof ECPublicKey shown) {
            return isComputedFrom(secret, shown);
        }
        if (privateKey instanceof RSAPrivateCrtKey secret
                && publicKey instanceof RSAPublicKey shown
                && shown.getAlgorithm().equals("RSA")) {
            try {
                return isComputedFrom(secret, shown);
            } catch (RuntimeException e) {
                return verifies(secret, shown); // its numbers do not leave their hardware
            }
        }
        return verifies(privateKey, publicKey);
    }

    private static boolean isComputedFrom(ECPrivateKey secret, ECPublicKey shown) {
        ECPoint computed;
        try {
            computed = PublicKeys.pointOf((ECPrivateKeyParameters) PrivateKeyFactory.createKey(secret.getEncoded()))
                    .normalize();
        } catch (IOException | RuntimeException e) {
            return verifies(secret, shown); // it does not leave its hardware, or the curve is not known here
        }
        return isSameCurve(secret.getParams(), shown.getParams())
                && computed.getAffineXCoord().toBigInteger().equals(shown.getW().getAffineX())
                && computed.getAffineYCoord().toBigInteger().equals(shown.getW().getAffineY());
    }

    private static boolean isSameCurve(ECParameterSpec one, ECParameterSpec other) {
        return one == other
                || (one.getCurve().equals(other.getCurve())
                        && one.getGenerator().equals(other.getGenerator())
                        && one.getOrder().equals(other.getOrder()));
    }

    /** Modulus and exponent alone would prove nothing: a signature is computed from the primes, which may be damaged. */
    private static boolean isComputedFrom(RSAPrivateCrtKey secret, RSAPublicKey shown) {
        BigInteger p = secret.getPrimeP();
        BigInteger q = secret.getPrimeQ();
        BigInteger e = secret.getPublicExponent();
        return secret.getModulus().equals(shown.getModulus())
                && e.equals(shown.getPublicExponent())
                && p.compareTo(ONE) > 0
                && q.compareTo(ONE) > 0
                && p.multiply(q).equals(secret.getModulus())
                && isInverse(e, secret.getPrimeExponentP(), p.subtract(ONE))
                && isInverse(e, secret.getPrimeExponentQ(), q.subtract(ONE))
                && isInverse(e, secret.getPrivateExponent(), p.subtract(ONE))
                && isInverse(e, secret.getPrivateExponent(), q.subtract(ONE))
                && isInverse(secret.getCrtCoefficient(), q, p);
    }

    private static boolean isInverse(BigInteger a, BigInteger b, BigInteger modulus) {
        return a.multiply(b).mod(modulus).equals(ONE);
    }

    private static boolean verifies(PrivateKey privateKey, PublicKey publicKey) {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "RSASSA-PSS" -> throw new IllegalArgumentException("RSASSA-PSS keys are not supported");
            default -> publicKey.getAlgorithm(); // Ed25519, Ed448
        };
        byte[] probe = {1, 2, 3, 4};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // a key of another algorithm
        }
    }
}
