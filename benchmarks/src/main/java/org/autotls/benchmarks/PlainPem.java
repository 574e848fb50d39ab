package org.autotls.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * Key and chain of a file, by what the JDK has for it and nothing else: no check that they belong together, none of the file's
 * mode, no name.
 */
record PlainPem(PrivateKey key, List<X509Certificate> chain) {

    private static final String END_OF_KEY = "-----END PRIVATE KEY-----\n";

    static PlainPem read(Path file) {
        try {
            String text = Files.readString(file);
            int end = text.indexOf(END_OF_KEY);
            String key = text.substring(text.indexOf('\n') + 1, end);
            byte[] chain = text.substring(end + END_OF_KEY.length()).getBytes(StandardCharsets.US_ASCII);
            return new PlainPem(
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(
                                    Base64.getMimeDecoder().decode(key))),
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(chain))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(file + " is not one of ours", e);
        }
    }

    @Override
    public String toString() {
        return "key and chain of " + chain.get(0).getSubjectX500Principal();
    }
}
