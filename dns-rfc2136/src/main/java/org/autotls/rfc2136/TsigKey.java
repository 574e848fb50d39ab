package org.autotls.rfc2136;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.autotls.Text;
import org.xbill.DNS.Name;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TextParseException;

/**
 * A key shared with a DNS server, which signs updates (RFC 8945). Immutable. {@link #toString} does not show the secret, and
 * nothing gives it back.
 */
public final class TsigKey {

    /** What {@code tsig-keygen} makes unless told otherwise. */
    public static final String DEFAULT_ALGORITHM = "hmac-sha256";

    private static final List<String> ALGORITHMS =
            List.of("hmac-sha224", DEFAULT_ALGORITHM, "hmac-sha384", "hmac-sha512", "hmac-sha1", "hmac-md5");

    private static final Pattern STATEMENT =
            Pattern.compile("key\\s+\"?([^\\s\"{]+)\"?\\s*\\{([^}]*)\\}", Pattern.CASE_INSENSITIVE);
    private static final Pattern ALGORITHM =
            Pattern.compile("algorithm\\s+\"?([A-Za-z0-9.-]+?)\\.?\"?\\s*;", Pattern.CASE_INSENSITIVE);
    private static final Pattern SECRET = Pattern.compile("secret\\s+\"([^\"]*)\"\\s*;", Pattern.CASE_INSENSITIVE);

    private final Name name;
    private final String algorithm;
    private final byte[] secret;

    /**
     * Makes a key.
     *
     * @param name as the server knows it
     * @param algorithm {@code hmac-sha256} and the like, as the server knows it
     * @param secret base64, as {@code tsig-keygen} prints it
     * @throws IllegalArgumentException if one of them cannot be; the message does not show the secret
     */
    public TsigKey(String name, String algorithm, String secret) {
        this.name = absolute(requireNonNull(name, "name"));
        this.algorithm = algorithm.toLowerCase(Locale.ROOT);
        if (!ALGORITHMS.contains(this.algorithm)) {
            throw new IllegalArgumentException(
                    "TSIG algorithm '" + Text.escape(algorithm) + "': expected one of " + ALGORITHMS);
        }
        this.secret = decode(secret);
    }

    /**
     * Reads what a file holds: the secret alone, in base64, or the statement {@code key NAME { algorithm …; secret …; };}
     * that {@code tsig-keygen} writes and BIND reads.
     *
     * @param name as the server knows it
     * @param algorithm if the file holds the secret alone
     * @param text the file's content
     * @return the key
     * @throws IllegalArgumentException if there is no such key; the message does not show the text
     */
    public static TsigKey parse(String name, String algorithm, String text) {
        Matcher statement = STATEMENT.matcher(text);
        boolean found = false;
        while (statement.find()) {
            found = true;
            if (absolute(statement.group(1)).equals(absolute(name))) {
                Matcher own = ALGORITHM.matcher(statement.group(2));
                Matcher secret = SECRET.matcher(statement.group(2));
                if (!secret.find()) {
                    throw new IllegalArgumentException("TSIG key '" + Text.escape(name) + "' has no secret \"…\";");
                }
                return new TsigKey(name, own.find() ? own.group(1) : algorithm, secret.group(1));
            }
        }
        if (found) {
            throw new IllegalArgumentException("there is no key '" + Text.escape(name) + "' among those in the file");
        }
        return new TsigKey(name, algorithm, text.strip());
    }

    /** Signs and verifies with the time of {@code clock}. */
    TSIG tsig(InstantSource clock) {
        return new TSIG(
                TSIG.algorithmToName(algorithm), name, new SecretKeySpec(secret, "TSIG"), new SourceClock(clock));
    }

    /** The key's name and algorithm. */
    @Override
    public String toString() {
        return "TSIG key " + name + " (" + algorithm + ")";
    }

    private static Name absolute(String text) {
        try {
            return Name.fromString(text.toLowerCase(Locale.ROOT), Name.root);
        } catch (TextParseException e) {
            throw new IllegalArgumentException("TSIG key name '" + Text.escape(text) + "' is not a DNS name", e);
        }
    }

    private static byte[] decode(String secret) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(secret);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the TSIG secret is not base64"); // e's message shows a part of it
        }
        if (bytes.length == 0) {
            throw new IllegalArgumentException("the TSIG secret is empty");
        }
        return bytes;
    }

    /** dnsjava wants a {@link Clock}. */
    private static final class SourceClock extends Clock {

        private final InstantSource source;

        SourceClock(InstantSource source) {
            this.source = source;
        }

        @Override
        public Instant instant() {
            return source.instant();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
