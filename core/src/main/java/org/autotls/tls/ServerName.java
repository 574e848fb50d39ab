package org.autotls.tls;

import java.util.Optional;
import org.autotls.internal.IpAddresses;

/**
 * The one reader of server names (RFC 6066 §3): what every lookup, matcher and log of this package has passed through.
 * Stateless.
 *
 * <p>A client may send any 65,535 bytes as its server name. A name is 1 to 253 characters of letters, digits and inner
 * hyphens in labels of 1 to 63, in any case; it has no trailing dot and is no IP address (RFC 6066 §3), and no wildcard,
 * underscore or letter outside ASCII (a client sends A-labels). Everything else is no name, so no lookup is made for it.
 */
final class ServerName {

    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;

    private ServerName() {}

    /**
     * Returns the canonical form of a server name.
     *
     * @param raw what the client sent, one character for each byte
     * @return the name in lower-case ASCII, or empty if it is no server name
     */
    static Optional<String> normalise(String raw) {
        if (raw.isEmpty() || raw.length() > MAX_NAME) {
            return Optional.empty();
        }
        char[] name = new char[raw.length()];
        int label = 0;
        for (int i = 0; i < name.length; i++) {
            char c = lower(raw.charAt(i));
            boolean first = label == 0;
            boolean last = i + 1 == name.length || raw.charAt(i + 1) == '.';
            if (c == '.' ? first || i + 1 == name.length : !fits(c, first || last) || label == MAX_LABEL) {
                return Optional.empty();
            }
            label = c == '.' ? 0 : label + 1;
            name[i] = c;
        }
        String found = new String(name);
        return IpAddresses.looksLikeAddress(found) ? Optional.empty() : Optional.of(found);
    }

    /** ASCII only: String.toLowerCase would also fold the Kelvin sign to k, and so make two names one. */
    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }

    private static boolean fits(char c, boolean edge) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && !edge);
    }
}
