package org.autotls.internal;

import java.util.HexFormat;
import java.util.regex.Pattern;
import org.autotls.KeyAlgorithm;
import org.autotls.Subject;
import org.autotls.Text;

/** The keys of a {@link org.autotls.StateStore}. Stateless. */
public final class StateKeys {

    /** The longest text that a state store takes, in characters. */
    public static final int MAX_TEXT = 1 << 20;

    /** Leaves room for what a store puts around a key when it makes a file name of at most 255 bytes of it. */
    private static final int MAX_PLAIN_SEGMENT = 200;

    private static final Pattern KEY =
            Pattern.compile("[a-z0-9*,:_-][a-z0-9*.,:_-]{0,254}(/[a-z0-9*,:_-][a-z0-9*.,:_-]{0,254})*");

    private StateKeys() {}

    /**
     * Checks a key.
     *
     * @param key segments separated by {@code /}, as {@link org.autotls.StateStore} says
     * @return {@code key}
     * @throws IllegalArgumentException naming the key
     */
    public static String check(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("state key '" + Text.escape(key)
                    + "': expected segments of 1 to 255 characters of [a-z0-9*.,:_-], not beginning with a dot,"
                    + " separated by '/'");
        }
        return key;
    }

    /**
     * Returns the segment that stands for a subject, the same in every process and version. A long subject becomes
     * {@code h-} and a hash, which no DNS name equals: a label has at most 63 characters. An alternate's is its primary's, with
     * the algorithm at the end.
     *
     * @param subject any subject
     * @return one segment
     */
    public static String segment(Subject subject) {
        String name = subject.primary().name();
        String plain = name.length() <= MAX_PLAIN_SEGMENT && KEY.matcher(name).matches() ? name : "h-" + hash(name);
        return plain + subject.keyAlgorithm().map(KeyAlgorithm::suffix).orElse("");
    }

    /**
     * Returns the name of the lease that issuing needs. A subject and its alternates share one: a CA gives two orders over the
     * same identifiers, placed at the same time by one account, the same URL, and so both of them one certificate.
     *
     * @param segment from {@link #segment}
     * @return what is leased
     */
    public static String issueLease(String segment) {
        int suffix = KeyAlgorithm.atEndOf(segment)
                .map(algorithm -> algorithm.suffix().length())
                .orElse(0);
        return "issue/" + segment.substring(0, segment.length() - suffix);
    }

    /**
     * Returns a segment that stands for a text.
     *
     * @param text any text
     * @return 64 characters of {@code [0-9a-f]}
     */
    public static String hash(String text) {
        return HexFormat.of().formatHex(Sha256.of(text));
    }
}
