package org.autotls.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
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
     * {@code h-} and a hash, which no DNS name equals: a label has at most 63 characters.
     *
     * @param subject any subject
     * @return one segment
     */
    public static String segment(Subject subject) {
        String name = subject.name();
        return name.length() <= MAX_PLAIN_SEGMENT && KEY.matcher(name).matches() ? name : "h-" + sha256(name);
    }

    /**
     * Returns a segment for any text.
     *
     * @param text for example a URL
     * @return 32 hexadecimal digits
     */
    public static String hash(String text) {
        return sha256(text).substring(0, 32);
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
