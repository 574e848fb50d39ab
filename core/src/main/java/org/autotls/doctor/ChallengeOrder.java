package org.autotls.doctor;

import java.util.List;
import java.util.Optional;
import org.autotls.Identifier;

/**
 * The challenge types that are answered, best first. The first that suits is the one that an order takes: another is tried
 * only if it cannot be made answerable. Immutable.
 *
 * @param types such as {@code tls-alpn-01}; may be empty
 */
record ChallengeOrder(List<String> types) {

    static final String DNS = "dns-01";
    static final String HTTP = "http-01";
    static final String TLS = "tls-alpn-01";

    ChallengeOrder {
        types = List.copyOf(types);
    }

    /** The type that an order takes: only dns-01 proves a wildcard, and it proves no address (RFC 8738 §7). */
    Optional<String> chosen(Identifier identifier) {
        return types.stream().filter(type -> suits(type, identifier)).findFirst();
    }

    private static boolean suits(String type, Identifier identifier) {
        boolean byDns = type.startsWith("dns-");
        return identifier.isWildcard() ? byDns : !byDns || identifier.type() == Identifier.Type.DNS;
    }
}
