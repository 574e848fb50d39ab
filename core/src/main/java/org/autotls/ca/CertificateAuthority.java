package org.autotls.ca;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.autotls.CertificateBundle;
import org.autotls.internal.Certificates;
import org.autotls.internal.Pem;
import org.autotls.internal.PrivateKeys;

/**
 * A certificate that signs others, and its key: the root, or the intermediate. Immutable.
 *
 * @param key signs; {@link #toString} does not show it
 * @param certificate its certificate
 */
record CertificateAuthority(PrivateKey key, X509Certificate certificate) {

    static CertificateAuthority of(KeyPair pair, X509Certificate certificate) {
        return new CertificateAuthority(pair.getPrivate(), certificate);
    }

    /**
     * Reads what {@link #encode} writes.
     *
     * @throws IllegalArgumentException if it is not one key and one certificate that belong together
     */
    static CertificateAuthority parse(String text) {
        List<Pem.Block> blocks = Pem.parse(text);
        if (blocks.size() != 2
                || !PrivateKeys.isPrivateKey(blocks.get(0))
                || !blocks.get(1).type().equals(Certificates.TYPE)) {
            throw new IllegalArgumentException("expected one private key and one certificate");
        }
        PrivateKey key = PrivateKeys.parse(blocks.get(0));
        X509Certificate certificate = Certificates.parse(blocks.get(1).content());
        // A bundle checks that the two belong together.
        CertificateBundle checked = CertificateBundle.of(key, List.of(certificate));
        return new CertificateAuthority(checked.privateKey(), checked.leaf());
    }

    String encode() {
        return PrivateKeys.encode(key) + Certificates.encode(certificate);
    }

    Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    boolean signed(X509Certificate other) {
        try {
            other.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Shows the certificate's name and end; never the key. */
    @Override
    public String toString() {
        return "CertificateAuthority[" + certificate.getSubjectX500Principal() + ", until " + notAfter() + "]";
    }
}
