package org.autotls.store;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.autotls.Subject;
import org.autotls.Text;

/**
 * The file names of a certificate directory: {@code <subject name>.pem}. A name in another order of identifiers, or with
 * capitals, stands for the same subject; everything else ({@code DEFAULT.pem}, {@code client.key}, dot files) is not an
 * entry. Stateless.
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
        if (!fileName.endsWith(SUFFIX) || fileName.equals(DEFAULT)) {
            return Optional.empty();
        }
        String name = fileName.substring(0, fileName.length() - SUFFIX.length());
        if (!SHAPE.matcher(name).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Subject.parse(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // another program's file
        }
    }

    static boolean isPossible(Subject subject) {
        return canonical(subject).getBytes(StandardCharsets.UTF_8).length <= LONGEST;
    }

    static String canonical(Subject subject) {
        return subject.name() + SUFFIX;
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
