package org.autotls.store;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.crypto.util.PublicKeyFactory;

/**
 * Verifies which certificate signed which, for many chains below few issuers. Ten thousand leaves are ten thousand signatures
 * at a start, most of what it takes with the JDK's ECDSA. BouncyCastle's is quicker if the issuer's key, with the multiples of
 * its point, is kept.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class ChainSignatures {

    /** A CA signs with a handful of keys. When there are more than this, all are forgotten, which costs time only. */
    private static final int KEPT = 100;

    /** What ECDSA signs (RFC 5758 §3.2). */
    private static final Map<String, String> DIGESTS = Map.of(
            "1.2.840.10045.4.3.2", "SHA-256",
            "1.2.840.10045.4.3.3", "SHA-384",
            "1.2.840.10045.4.3.4", "SHA-512");

    private record Signed(X509Certificate issuer, X509Certificate certificate) {}

    private final Map<PublicKey, ECPublicKeyParameters> keys = new ConcurrentHashMap<>();

    /** Of CA certificates only, which many chains share; a leaf is in one. */
    private final Set<Signed> verified = ConcurrentHashMap.newKeySet();

    /** Tells whether {@code issuer}'s key signed {@code certificate}. */
    boolean signed(X509Certificate issuer, X509Certificate certificate) {
        if (certificate.getBasicConstraints() < 0) {
            return verifies(issuer.getPublicKey(), certificate);
        }
        Signed pair = new Signed(issuer, certificate);
        if (verified.contains(pair)) {
            return true;
        }
        boolean verifies = verifies(issuer.getPublicKey(), certificate);
        if (verifies) {
            makeRoom(verified.size(), verified::clear);
            verified.add(pair);
        }
        return verifies;
    }

    private boolean verifies(PublicKey key, X509Certificate certificate) {
        String digest = DIGESTS.get(certificate.getSigAlgOID());
        if (digest == null || !(key instanceof ECPublicKey)) {
            return byTheJdk(key, certificate);
        }
        try {
            ECPublicKeyParameters issuer = parameters(key);
            BigInteger[] pair =
                    StandardDSAEncoding.INSTANCE.decode(issuer.getParameters().getN(), certificate.getSignature());
            ECDSASigner signer = new ECDSASigner();
            signer.init(false, issuer);
            return signer.verifySignature(
                    MessageDigest.getInstance(digest).digest(certificate.getTBSCertificate()), pair[0], pair[1]);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return byTheJdk(key, certificate); // which may know the curve
        }
    }

    private static boolean byTheJdk(PublicKey key, X509Certificate certificate) {
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private ECPublicKeyParameters parameters(PublicKey key) throws IOException {
        ECPublicKeyParameters kept = keys.get(key);
        if (kept != null) {
            return kept;
        }
        ECPublicKeyParameters parsed = (ECPublicKeyParameters) PublicKeyFactory.createKey(key.getEncoded());
        makeRoom(keys.size(), keys::clear);
        keys.put(key, parsed);
        return parsed;
    }

    private static void makeRoom(int size, Runnable forget) {
        if (size >= KEPT) {
            forget.run();
        }
    }
}
