package org.autotls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.autotls.internal.Certificates;
import org.autotls.internal.Pem;

/** The roots that are trusted for a CA's own https, besides the JDK's. Stateless. */
final class TrustedRoots {

    private static final long MAX_FILE = 1 << 20;

    private TrustedRoots() {}

    /**
     * Reads the files, and adds what was given as certificates.
     *
     * @throws IllegalArgumentException naming the file that cannot be read, is too large, or holds none
     */
    static List<X509Certificate> of(AutoTlsSettings.Ca ca) {
        List<X509Certificate> roots = new ArrayList<>(ca.roots());
        for (Path file : ca.rootFiles()) {
            roots.addAll(read(file));
        }
        return roots;
    }

    private static List<X509Certificate> read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new IllegalArgumentException("root file " + file + ": expected at most " + MAX_FILE + " bytes");
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
