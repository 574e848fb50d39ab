package org.autotls;

import java.util.Arrays;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * What there is to know about domain names that takes tables which change: how letters outside ASCII are written in the DNS,
 * and under which suffixes people register. Found by {@link ServiceLoader}; the module {@code autotls-names} has an
 * implementation.
 *
 * <p><b>Threads.</b> Safe for many threads; asks nobody and does not block.
 */
public interface DomainNames {

    /**
     * Without tables: names of ASCII are taken as they are, others are refused, and nobody knows where a domain is registered.
     */
    DomainNames NONE = new DomainNames() {
        @Override
        public String toAscii(String text) {
            if (text.chars().allMatch(c -> c < 128)) {
                return text;
            }
            throw new IllegalArgumentException("'" + Text.escape(text) + "': letters outside ASCII are taken if the"
                    + " artifact org.autotls:autotls-names is there; without it, write the name with A-labels (xn--…)");
        }

        @Override
        public Optional<String> registeredDomain(String name) {
            return Optional.empty();
        }
    };

    /**
     * Returns the implementation on the class path or module path.
     *
     * @return the first; {@link #NONE} if there is none
     */
    static DomainNames installed() {
        return ServiceLoader.load(DomainNames.class, DomainNames.class.getClassLoader())
                .findFirst()
                .orElse(NONE);
    }

    /**
     * Returns a name as it stands in the DNS: U-labels become A-labels (RFC 5890 §2.3.2.1).
     *
     * @param text a name as a person writes it, perhaps with {@code *.} before it; or an address, which stays as it is
     * @return text of ASCII alone, whose form is not checked further if it was that before
     * @throws IllegalArgumentException naming a text that is no domain name
     */
    String toAscii(String text);

    /**
     * Returns the domain that somebody has registered and that a name belongs to: one label more than the public suffix.
     *
     * @param name a DNS name in lower-case A-labels, without {@code *.} before it
     * @return for example {@code example.co.uk} for {@code www.example.co.uk}; the name itself if it is a public suffix;
     *     empty if that is not known, for any name
     */
    Optional<String> registeredDomain(String name);

    /**
     * Reads a subject as a person writes it.
     *
     * @param text a name or address, or several separated by commas, for one certificate over all of them; with {@code :rsa}
     *     or {@code :ecdsa} behind, their alternate
     * @return the subject, in A-labels
     * @throws IllegalArgumentException naming what is no name
     */
    default Subject subject(String text) {
        Optional<KeyAlgorithm> alternate = KeyAlgorithm.atEndOf(text);
        int suffix = alternate.map(algorithm -> algorithm.suffix().length()).orElse(0);
        String[] names = text.substring(0, text.length() - suffix).split(",", -1);
        Subject primary = Subject.of(
                Arrays.stream(names).map(this::toAscii).map(Identifier::of).toList());
        return alternate.map(primary::alternate).orElse(primary);
    }
}
