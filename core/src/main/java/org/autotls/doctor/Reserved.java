package org.autotls.doctor;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import org.autotls.Identifier;
import org.autotls.internal.IpAddresses;

/** Names and addresses that nobody on the Internet can have or reach, so that no public CA certifies them. Stateless. */
final class Reserved {

    /** RFC 2606, RFC 6761, RFC 6762, RFC 9476, and ICANN's {@code internal}. */
    private static final Set<String> TOP_LEVEL = Set.of(
            "localhost", "local", "test", "example", "invalid", "internal", "alt", "lan", "home", "corp", "arpa");

    private Reserved() {}

    /** Says what is the matter with an identifier, if something is. */
    static Optional<String> why(Identifier identifier) {
        String value = identifier.value();
        if (identifier.type() == Identifier.Type.IP) {
            return why(address(value)).map(why -> value + " is " + why);
        }
        String top = value.substring(value.lastIndexOf('.') + 1);
        if (top.length() == value.length()) {
            return Optional.of(value + " has no dot: it is a name of a local network");
        }
        return TOP_LEVEL.contains(top)
                ? Optional.of("names under ." + top + " do not exist on the Internet")
                : Optional.empty();
    }

    /** Says what is the matter with an address, if something is. */
    static Optional<String> why(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return Optional.of("a loopback address");
        }
        if (address.isAnyLocalAddress() || address.isLinkLocalAddress() || address.isMulticastAddress()) {
            return Optional.of("no address of a single machine on the Internet");
        }
        byte[] bytes = address.getAddress();
        boolean uniqueLocal = address instanceof Inet6Address && (bytes[0] & 0xfe) == 0xfc; // RFC 4193
        boolean shared = bytes.length == 4 && (bytes[0] & 255) == 100 && (bytes[1] & 0xc0) == 64; // RFC 6598
        return address.isSiteLocalAddress() || uniqueLocal || shared
                ? Optional.of("an address of a private network")
                : Optional.empty();
    }

    /** The address that an identifier of type IP is. */
    static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(IpAddresses.bytes(text));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are always an address", e);
        }
    }
}
