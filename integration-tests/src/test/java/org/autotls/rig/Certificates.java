package org.autotls.rig;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** Certificates as a test sees them: in the files and answers of others, read with the JDK and not with our code. */
final class Certificates {

    private Certificates() {}

    /** Reads the first certificate of a PEM text. */
    static X509Certificate parse(String pem) {
        int begin = pem.indexOf("-----BEGIN CERTIFICATE-----");
        if (begin < 0) {
            throw new AssertionError("no certificate in a text of " + pem.length() + " characters");
        }
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(pem.substring(begin).getBytes(US_ASCII)));
        } catch (CertificateException e) {
            throw new AssertionError("not a certificate:\n" + pem.substring(begin), e);
        }
    }
}
