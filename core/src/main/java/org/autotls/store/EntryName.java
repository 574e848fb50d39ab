package org.autotls.store;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.autotls.KeyAlgorithm;
import org.autotls.Subject;
import org.autotls.Text;

/**
 * The file names of a certificate directory: {@code <subject name>.pem}, and {@code <subject name>.pem.rsa} or
 * {@code .pem.ecdsa} for an alternate: txsni and txacme look at names that end with {@code .pem} only, and HAProxy takes such
 * files for further certificates of the same names. A name in another order of identifiers, or with capitals, stands for the
 * same subject; everything else ({@code DEFAULT.pem}, {@code client.key}, dot files) is not an entry. Stateless.
 */
final class EntryName {

    static final String SUFFIX = ".pem";

    /** What txsni serves to a client without SNI. */
    static final String DEFAULT = "DEFAULT.pem";

    /** The longest file name, in bytes, on the file systems of Linux and macOS. */
    private static final int LONGEST = 255;

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*.,:-]*");

    private EntryName() {}

    static Optional<Subject> subjectOf(String fileName) {
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            String suffix = suffix(Optional.of(algorithm));
            if (fileName.endsWith(suffix)) {
                return primaryOf(fileName, suffix).map(primary -> primary.alternate(algorithm));
            }
        }
        return fileName.endsWith(SUFFIX) ? primaryOf(fileName, SUFFIX) : Optional.empty();
    }

    private static Optional<Subject> primaryOf(String fileName, String suffix) {
        String name = fileName.substring(0, fileName.length() - suffix.length());
        if (!SHAPE.matcher(name).matches() || DEFAULT.equals(name + SUFFIX)) {
            return Optional.empty();
        }
        try {
            Subject subject = Subject.parse(name);
            return Optional.of(subject).filter(parsed -> parsed.keyAlgorithm().isEmpty());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // another program's file
        }
    }

    private static String suffix(Optional<KeyAlgorithm> alternate) {
        return SUFFIX + alternate.map(algorithm -> "." + algorithm).orElse("");
    }

    static boolean isPossible(Subject subject) {
        return canonical(subject).getBytes(StandardCharsets.UTF_8).length <= LONGEST;
    }

    static String canonical(Subject subject) {
        return subject.primary().name() + suffix(subject.keyAlgorithm());
    }

    /** Refuses a subject whose entry could have no file. */
    static void requirePossible(Subject subject) {
        if (!isPossible(subject)) {
            throw new IllegalArgumentException(
                    "the subject '" + Text.escape(subject.name(), 60) + "' needs a file name of "
                            + canonical(subject).length() + " bytes; a file name has at most " + LONGEST
                            + ": ask for fewer names in one certificate");
        }
    }
}
