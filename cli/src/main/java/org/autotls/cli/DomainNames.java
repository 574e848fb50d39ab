package org.autotls.cli;

import com.ibm.icu.text.IDNA;
import java.util.Arrays;
import java.util.List;
import org.autotls.Identifier;
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
     * @param text a name or address, or several separated by commas, for one certificate over all of them
     * @return the subject, in A-labels
     * @throws CommandFailure with exit code {@link ExitCode#USAGE}, naming what is no name
     */
    static Subject subject(String text) {
        try {
            List<Identifier> identifiers = Arrays.stream(text.split(",", -1))
                    .map(DomainNames::identifier)
                    .toList();
            return Subject.of(identifiers);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
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
