package org.autotls.internal;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.autotls.Text;

/** X.509 certificates in DER and PEM. Stateless. */
public final class Certificates {

    /** The PEM type of a certificate. */
    public static final String TYPE = "CERTIFICATE";

    private Certificates() {}

    /**
     * Reads one certificate.
     *
     * @param der DER bytes
     * @return the certificate
     * @throws IllegalArgumentException if it is not one
     */
    public static X509Certificate parse(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("not a certificate: " + Text.escape(String.valueOf(e.getMessage())), e);
        }
    }

    /**
     * Writes one certificate.
     *
     * @param certificate any certificate
     * @return one PEM block
     */
    public static String encode(X509Certificate certificate) {
        return Pem.encode(TYPE, der(certificate));
    }

    /**
     * Writes certificates one after another.
     *
     * @param chain any certificates
     * @return PEM blocks in that order
     */
    public static String encode(List<X509Certificate> chain) {
        StringBuilder out = new StringBuilder();
        chain.forEach(certificate -> out.append(encode(certificate)));
        return out.toString();
    }

    /**
     * Returns the encoding.
     *
     * @param certificate any certificate
     * @return DER bytes
     */
    public static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has an encoding", e);
        }
    }
}
