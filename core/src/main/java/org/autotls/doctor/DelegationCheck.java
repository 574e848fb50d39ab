package org.autotls.doctor;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.autotls.DnsQueries;
import org.autotls.Identifier;
import org.autotls.IssueException;

/** Where would the value of a dns-01 challenge go, and are that zone's servers there (RFC 8555 §8.4)? Stateless. */
final class DelegationCheck {

    static final String NAME = "dns-01";

    private static final String LABEL = "_acme-challenge.";
    private static final int MOST_STEPS = 8;

    private DelegationCheck() {}

    /** Asks and judges; blocks. */
    static Finding look(Identifier identifier, DnsQueries dns) {
        String base = identifier.isWildcard() ? identifier.value().substring(2) : identifier.value();
        String at = LABEL + base;
        try {
            for (int step = 0; step < MOST_STEPS; step++) {
                Optional<String> alias = dns.alias(at);
                if (alias.isEmpty()) {
                    return found(identifier, at, dns.authorities(at));
                }
                at = alias.get();
            }
        } catch (IllegalArgumentException e) {
            return Finding.problem(
                    NAME, identifier.value(), at + " is too long for DNS", "prove the name by another challenge");
        } catch (IssueException e) {
            return AddressCheck.unanswered(NAME, identifier, "the zone of " + at, e);
        }
        return Finding.problem(
                NAME,
                identifier.value(),
                LABEL + base + " is an alias of an alias, more than " + MOST_STEPS + " times",
                "have its CNAME lead to the name that holds the values");
    }

    private static Finding found(Identifier identifier, String at, List<InetSocketAddress> servers) {
        String shown = servers.stream()
                .map(server -> server.getAddress().getHostAddress())
                .distinct()
                .collect(Collectors.joining(", "));
        return Finding.ok(NAME, identifier.value(), "values go to " + at + ", whose servers are " + shown);
    }
}
