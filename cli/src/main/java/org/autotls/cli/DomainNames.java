package org.autotls.cli;

import com.ibm.icu.text.IDNA;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.CertificateStore;
import org.autotls.Identifier;
import org.autotls.KeyAlgorithm;
import org.autotls.Subject;
import org.autotls.Text;

/**
 * Names as people write them, at the one edge where letters outside ASCII are taken: they become A-labels by UTS-46,
 * non-transitional, so that straße.example and strasse.example stay two domains.
 */
final class DomainNames {

    /** STD3 rules (letters, digits, hyphens), and the checks of RFC 5892 and 5893 that keep look-alikes out. */
    private static final int OPTIONS = IDNA.NONTRANSITIONAL_TO_ASCII
            | IDNA.USE_STD3_RULES
            | IDNA.CHECK_BIDI
            | IDNA.CHECK_CONTEXTJ
            | IDNA.CHECK_CONTEXTO;

    private DomainNames() {}

    /**
     * Reads one subject.
     *
     * @param text a name or address, or several separated by commas, for one certificate over all of them; with {@code :rsa}
     *     or {@code :ecdsa} behind, their alternate
     * @return the subject, in A-labels
     * @throws CommandFailure with exit code {@link ExitCode#USAGE}, naming what is no name
     */
    static Subject subject(String text) {
        try {
            Optional<KeyAlgorithm> alternate = KeyAlgorithm.atEndOf(text);
            int suffix = alternate.map(algorithm -> algorithm.suffix().length()).orElse(0);
            String[] names = text.substring(0, text.length() - suffix).split(",", -1);
            Subject primary =
                    Subject.of(Arrays.stream(names).map(DomainNames::identifier).toList());
            return alternate.map(primary::alternate).orElse(primary);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Refuses alternates whose primary is not there: they would not be served.
     *
     * @param subjects what is asked for
     * @param store opens where it goes, if that has to be looked at
     * @throws CommandFailure with exit code {@link ExitCode#USAGE}
     */
    static void requirePrimaries(List<Subject> subjects, Supplier<? extends CertificateStore> store) {
        for (Subject subject : subjects) {
            Subject primary = subject.primary();
            if (!subjects.contains(primary) && store.get().find(primary).isEmpty()) {
                throw new CommandFailure(
                        ExitCode.USAGE, subject + ": expected an entry for " + primary + ", beside which it could be");
            }
        }
    }

    private static Identifier identifier(String text) {
        boolean ascii = text.chars().allMatch(c -> c < 128);
        return Identifier.of(ascii ? text : toAscii(text));
    }

    private static String toAscii(String text) {
        boolean wildcard = text.startsWith("*.");
        IDNA.Info info = new IDNA.Info();
        StringBuilder ascii = new StringBuilder(wildcard ? "*." : "");
        StringBuilder labels = new StringBuilder();
        IDNA.getUTS46Instance(OPTIONS).nameToASCII(wildcard ? text.substring(2) : text, labels, info);
        if (info.hasErrors()) {
            throw new IllegalArgumentException(
                    "'" + Text.escape(text) + "' is not a domain name (UTS-46: " + info.getErrors() + ")");
        }
        return ascii.append(labels).toString();
    }
}
