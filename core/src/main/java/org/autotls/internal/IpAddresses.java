package org.autotls.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** The text form of IP addresses. Never asks a resolver. Stateless. */
public final class IpAddresses {

    private static final Pattern V4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)");
    private static final Pattern V4_SHAPED = Pattern.compile("[0-9.]+");
    private static final Pattern V6_SHAPED = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private IpAddresses() {}

    /**
     * Tells an address from a name: digits and dots, or anything with a colon.
     *
     * @param text what a person wrote
     * @return whether {@link #canonical} is the right reader for it
     */
    public static boolean looksLikeAddress(String text) {
        return text.indexOf(':') >= 0 || V4_SHAPED.matcher(text).matches();
    }

    /**
     * Returns the canonical form: dotted quad, or RFC 5952 for IPv6.
     *
     * @param text an IPv4 or IPv6 address without brackets or zone
     * @return the canonical text
     * @throws IllegalArgumentException if it is neither
     */
    public static String canonical(String text) {
        return text(bytes(text));
    }

    /**
     * Returns the address as it stands in a certificate's iPAddress name.
     *
     * @param text an IPv4 or IPv6 address without brackets or zone
     * @return 4 or 16 bytes
     * @throws IllegalArgumentException if it is neither
     */
    public static byte[] bytes(String text) {
        if (!V4.matcher(text).matches() && !V6_SHAPED.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text.replaceAll("[^ -~]", "?") + "' is not an IP address");
        }
        try {
            // Only literals reach this line (digits, or something with a colon), so no name is resolved.
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + text + "' is not an IP address", e);
        }
    }

    /**
     * Returns the reverse name, which tls-alpn-01 puts into SNI (RFC 8738 §6, RFC 1034, RFC 3596 §2.5).
     *
     * @param text an IPv4 or IPv6 address without brackets or zone
     * @return for example {@code 1.2.0.192.in-addr.arpa}, without a final dot
     * @throws IllegalArgumentException if it is neither
     */
    public static String reverseName(String text) {
        byte[] address = bytes(text);
        StringBuilder out = new StringBuilder();
        for (int i = address.length - 1; i >= 0; i--) {
            if (address.length == 4) {
                out.append(address[i] & 255).append('.');
            } else {
                out.append(Integer.toHexString(address[i] & 15)).append('.');
                out.append(Integer.toHexString((address[i] >> 4) & 15)).append('.');
            }
        }
        return out.append(address.length == 4 ? "in-addr.arpa" : "ip6.arpa").toString();
    }

    private static String text(byte[] address) {
        if (address.length == 4) {
            return (address[0] & 255) + "." + (address[1] & 255) + "." + (address[2] & 255) + "." + (address[3] & 255);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (address[2 * i] & 255) << 8 | (address[2 * i + 1] & 255);
        }
        int best = -1;
        int bestLength = 1; // RFC 5952 §4.2.2: one group alone is not shortened
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > bestLength) {
                best = i;
                bestLength = end - i;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                out.append("::");
                i += bestLength - 1;
            } else {
                if (out.length() > 0 && out.charAt(out.length() - 1) != ':') {
                    out.append(':');
                }
                out.append(Integer.toHexString(groups[i]).toLowerCase(Locale.ROOT));
            }
        }
        return out.toString();
    }
}
