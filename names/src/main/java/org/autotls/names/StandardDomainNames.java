package org.autotls.names;

import com.google.common.net.InternetDomainName;
import com.ibm.icu.text.IDNA;
import java.util.Optional;
import org.autotls.DomainNames;
import org.autotls.Text;

/**
 * Domain names by two tables of other libraries: letters outside ASCII by UTS-46, as ICU has it, and registered domains by the
 * public suffix list, as Guava has it (publicsuffix.org; ICANN's section and the private one, as CAs count).
 *
 * <p>UTS-46 is non-transitional, so that straße.example and strasse.example stay two domains. The list is as old as Guava:
 * where it lacks a suffix, certificates are counted for a wider domain, and names wait longer than they must.
 */
public final class StandardDomainNames implements DomainNames {

    /** STD3 rules (letters, digits, hyphens), and the checks of RFC 5892 and 5893 that keep look-alikes out. */
    private static final int OPTIONS = IDNA.NONTRANSITIONAL_TO_ASCII
            | IDNA.USE_STD3_RULES
            | IDNA.CHECK_BIDI
            | IDNA.CHECK_CONTEXTJ
            | IDNA.CHECK_CONTEXTO;

    private static final String WILDCARD = "*.";

    /** For {@link java.util.ServiceLoader}. */
    public StandardDomainNames() {}

    @Override
    public String toAscii(String text) {
        if (text.chars().allMatch(c -> c < 128)) {
            return text;
        }
        boolean wildcard = text.startsWith(WILDCARD);
        IDNA.Info info = new IDNA.Info();
        StringBuilder labels = new StringBuilder();
        IDNA.getUTS46Instance(OPTIONS).nameToASCII(wildcard ? text.substring(WILDCARD.length()) : text, labels, info);
        if (info.hasErrors()) {
            throw new IllegalArgumentException(
                    "'" + Text.escape(text) + "' is not a domain name (UTS-46: " + info.getErrors() + ")");
        }
        return (wildcard ? WILDCARD : "") + labels;
    }

    @Override
    public Optional<String> registeredDomain(String name) {
        InternetDomainName domain;
        try {
            domain = InternetDomainName.from(name);
        } catch (IllegalArgumentException e) {
            return Optional.of(lastTwoLabels(name)); // a form that Guava is stricter about than a private CA
        }
        if (domain.isPublicSuffix()) {
            return Optional.of(name);
        }
        return Optional.of(
                domain.isUnderPublicSuffix() ? domain.topPrivateDomain().toString() : lastTwoLabels(name));
    }

    /** The rule of the list for suffixes that are not in it is {@code *}. */
    private static String lastTwoLabels(String name) {
        int dot = name.lastIndexOf('.', name.lastIndexOf('.') - 1);
        return name.substring(dot + 1);
    }
}
