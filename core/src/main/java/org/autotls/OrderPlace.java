package org.autotls;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.autotls.internal.IpAddresses;
import org.autotls.internal.StateKeys;

/**
 * One budget that an order needs a place in. Immutable.
 *
 * @param kind which limit counts
 * @param key whose budget of this kind it is
 * @param what what is counted, for people
 */
record OrderPlace(Kind kind, String key, String what) {

    /** The limits of {@link OrderLimits}. */
    enum Kind {
        ACCOUNT,
        DOMAIN,
        SET
    }

    /** So many hexadecimal digits of a hash: among thousands of budgets, two do not meet by chance. */
    private static final int KEY_LENGTH = 16;

    private static final int NETWORK = 8; // bytes of an IPv6 address that CAs count by

    static OrderPlace ofAccount(String account) {
        return new OrderPlace(Kind.ACCOUNT, key(account), "orders of this account");
    }

    /** The places that an order needs for what it is about. */
    static List<OrderPlace> ofNames(Subject subject, DomainNames names) {
        List<OrderPlace> all = new ArrayList<>();
        String set = subject.identifiers().stream().map(Identifier::value).collect(joining(","));
        all.add(new OrderPlace(Kind.SET, key(set), "certificates for exactly these names"));
        subject.identifiers().stream()
                .flatMap(identifier -> domain(identifier, names).stream())
                .distinct()
                .map(domain -> new OrderPlace(Kind.DOMAIN, key(domain), "certificates for " + domain))
                .forEach(all::add);
        return all;
    }

    static List<OrderPlace> of(String account, Subject subject, DomainNames names) {
        return Stream.concat(Stream.of(ofAccount(account)), ofNames(subject, names).stream())
                .toList();
    }

    /** What stands for the registered domain of an address, which has none, is what CAs count it by. */
    private static Optional<String> domain(Identifier identifier, DomainNames names) {
        if (identifier.type() == Identifier.Type.DNS) {
            return names.registeredDomain(
                    identifier.isWildcard() ? identifier.value().substring(2) : identifier.value());
        }
        byte[] address = IpAddresses.bytes(identifier.value());
        return Optional.of(
                address.length <= NETWORK
                        ? identifier.value()
                        : HexFormat.of().formatHex(address, 0, NETWORK).replaceAll("(.{4})(?=.)", "$1:") + "::/64");
    }

    private static String key(String text) {
        return StateKeys.hash(text).substring(0, KEY_LENGTH);
    }
}
