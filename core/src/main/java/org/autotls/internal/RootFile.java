package org.autotls.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/** A PEM file with roots that a user trusts. Stateless. */
public final class RootFile {

    private static final long MAX_BYTES = 1 << 20;

    private RootFile() {}

    /**
     * Reads one.
     *
     * @param file what else it holds is skipped
     * @return at least one certificate
     * @throws IllegalArgumentException naming the file if it cannot be read, is too large, or holds none
     */
    public static List<X509Certificate> read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("root file " + file + ": expected at most " + MAX_BYTES + " bytes");
            }
            List<X509Certificate> found = Pem.parse(Files.readString(file)).stream()
                    .filter(block -> block.type().equals(Certificates.TYPE))
                    .map(block -> Certificates.parse(block.content()))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("root file " + file + ": expected a certificate in PEM, found none");
            }
            return found;
        } catch (IOException e) {
            throw new IllegalArgumentException("root file " + file + " cannot be read: " + e, e);
        }
    }
}
