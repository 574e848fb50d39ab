package org.autotls.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.stream.IntStream;
import org.autotls.CertificateBundle;
import org.autotls.testkit.TestCa;

/**
 * Names that have a certificate each (ECDSA P-256, 90 days, one CA), as the files of a directory: {@code NAME.pem} with key, leaf
 * and root, which {@code DirectoryStore}, nginx and Caddy all read. Beside the directory lies one certificate for all of
 * the names, for servers that have one only.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class Certificates {

    private static final String DOMAIN = "customers.example.com";
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final TestCa ca = new TestCa();
    private final Instant from = Instant.now().minusSeconds(60);
    private final Path parent;
    private final int count;

    private Certificates(Path parent, int count) {
        this.parent = parent;
        this.count = count;
    }

    /** Makes that many, below a directory that exists. */
    static Certificates write(Path parent, int count) {
        Certificates certificates = new Certificates(parent, count);
        try {
            Files.createDirectory(certificates.directory());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        IntStream.range(0, count).parallel().forEach(i -> write(certificates.file(i), certificates.issue(i)));
        write(certificates.wildcardFile(), certificates.issue("*." + DOMAIN));
        return certificates;
    }

    static String name(int number) {
        return "host" + number + "." + DOMAIN;
    }

    int count() {
        return count;
    }

    X509Certificate root() {
        return ca.root();
    }

    Path directory() {
        return parent.resolve("certs");
    }

    Path file(int number) {
        return directory().resolve(name(number) + ".pem");
    }

    Path wildcardFile() {
        return parent.resolve("wildcard.pem");
    }

    /** Another one for a name, with a new key. */
    CertificateBundle issue(int number) {
        return issue(name(number));
    }

    private CertificateBundle issue(String name) {
        return ca.issue(from, Duration.ofDays(90), name);
    }

    /** As the store would, but without waiting for the disk each time. */
    private static void write(Path file, CertificateBundle bundle) {
        try {
            StringBuilder text =
                    new StringBuilder(pem("PRIVATE KEY", bundle.privateKey().getEncoded()));
            for (X509Certificate certificate : bundle.chain()) {
                text.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + BASE64.encodeToString(content) + "\n-----END " + type + "-----\n";
    }
}
