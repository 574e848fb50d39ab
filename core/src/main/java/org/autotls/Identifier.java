package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.regex.Pattern;
import org.autotls.internal.IpAddresses;

/**
 * What is certified: a DNS name or an IP address. Immutable.
 *
 * <p>Sources: RFC 8555 §9.7.7 (type {@code dns}), RFC 8738 (type {@code ip}).
 *
 * @param type how the value reads
 * @param value a lower-case ASCII DNS name (A-labels, at most 253 characters, an optional leading {@code *.}), or an IP
 *     address in its canonical text form
 */
public record Identifier(Type type, String value) implements Comparable<Identifier> {

    /** The identifier types that an ACME CA knows. */
    public enum Type {
        /** A DNS name, RFC 8555 §9.7.7. */
        DNS,
        /** An IPv4 or IPv6 address, RFC 8738. */
        IP;

        /**
         * Returns the name of the type in an ACME message.
         *
         * @return {@code dns} or {@code ip}
         */
        public String acmeName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int MAX_NAME = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /**
     * Checks an identifier.
     *
     * @throws IllegalArgumentException if {@code value} is not in the canonical form of its type; {@link #of} makes it so
     */
    public Identifier {
        requireNonNull(type, "type");
        requireNonNull(value, "value");
        String canonical = type == Type.DNS ? canonicalName(value) : IpAddresses.canonical(value);
        if (!canonical.equals(value)) {
            throw new IllegalArgumentException("'" + value + "' is not canonical; expected '" + canonical + "'");
        }
    }

    /**
     * Reads a DNS name or an IP address as a person writes it: case does not matter, one trailing dot is dropped.
     *
     * <p>Only A-labels are taken: a name with letters outside ASCII is refused, since the JDK's own conversion maps
     * different domains to one (IDNA 2003). {@link DomainNames} converts with UTS-46 before it comes here.
     *
     * @param text for example {@code www.example.com}, {@code *.example.com}, {@code 192.0.2.1}, {@code 2001:db8::1}
     * @return the canonical identifier
     * @throws IllegalArgumentException naming the value and what is wrong with it
     */
    public static Identifier of(String text) {
        requireNonNull(text, "text");
        if (IpAddresses.looksLikeAddress(text)) {
            return new Identifier(Type.IP, IpAddresses.canonical(text));
        }
        return new Identifier(Type.DNS, canonicalName(text));
    }

    /**
     * Tells whether this is a wildcard name.
     *
     * @return whether the value begins with {@code *.}
     */
    public boolean isWildcard() {
        return value.startsWith("*.");
    }

    @Override
    public int compareTo(Identifier other) {
        int byType = type.compareTo(other.type);
        return byType != 0 ? byType : value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    private static String canonicalName(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        String base = name.startsWith("*.") ? name.substring(2) : name;
        if (base.isEmpty() || name.length() > MAX_NAME) {
            throw badName(text, "a DNS name has 1 to 253 characters");
        }
        for (String label : base.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                throw badName(text, reason(label));
            }
        }
        return name;
    }

    private static String reason(String label) {
        if (label.isEmpty()) {
            return "it has an empty label";
        }
        if (!label.chars().allMatch(c -> c < 128)) {
            return "write it with A-labels (xn--…): only ASCII is taken here";
        }
        if (label.indexOf('_') >= 0) {
            return "a name with '_' cannot be served by the JDK's TLS";
        }
        if (label.length() > 63) {
            return "a label has at most 63 characters";
        }
        return "label '" + Text.escape(label) + "' may hold letters, digits and inner hyphens only";
    }

    private static IllegalArgumentException badName(String text, String why) {
        return new IllegalArgumentException("'" + Text.escape(text) + "' is not a DNS name or IP address: " + why);
    }
}
