package org.autotls.doctor;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.autotls.Identifier;
import org.autotls.IssueException;

/** Does the name lead anywhere that a CA can connect to? Stateless. */
final class AddressCheck {

    static final String NAME = "address";

    private AddressCheck() {}

    /**
     * Judges what DNS answered.
     *
     * @param publicCa whether the CA asks from the Internet
     */
    static Finding judge(Identifier identifier, List<InetAddress> addresses, boolean publicCa) {
        String name = identifier.value();
        if (addresses.isEmpty()) {
            return Finding.problem(
                    NAME,
                    name,
                    "it has neither an A nor an AAAA record",
                    "add one that leads to this machine; or prove the name with --challenge dns-01:..., which needs none");
        }
        List<InetAddress> unreachable = addresses.stream()
                .filter(address -> Reserved.why(address).isPresent())
                .toList();
        if (publicCa && !unreachable.isEmpty()) {
            String found = unreachable.stream()
                    .map(address -> address.getHostAddress() + " is "
                            + Reserved.why(address).orElseThrow())
                    .collect(Collectors.joining(", "));
            String advice = "a CA on the Internet cannot connect there: publish the outside address, or use --challenge"
                    + " dns-01:...; if the outside sees another address, ask with --dns 1.1.1.1";
            return unreachable.size() == addresses.size()
                    ? Finding.problem(NAME, name, found, advice)
                    : Finding.warning(NAME, name, found, advice);
        }
        return Finding.ok(NAME, name, "leads to " + shown(addresses));
    }

    /** Judges that DNS did not answer. */
    static Finding judge(Identifier identifier, IssueException failure) {
        return unanswered(NAME, identifier, "A and AAAA", failure);
    }

    /** DNS did not answer a check; a server that answers with an error answers a CA likewise. */
    static Finding unanswered(String check, Identifier identifier, String what, IssueException failure) {
        String found = what + ": " + failure.getMessage();
        return failure.kind() == IssueException.Kind.NETWORK
                ? Finding.warning(
                        check, identifier.value(), found, "try again, or ask another server: --dns HOST[:PORT]")
                : Finding.problem(
                        check,
                        identifier.value(),
                        found,
                        "mend the zone: a CA that gets such an answer must not issue (SERVFAIL often means broken DNSSEC)");
    }

    static String shown(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
    }

    /** The addresses that an identifier of type IP has by itself. */
    static Optional<List<InetAddress>> own(Identifier identifier) {
        return identifier.type() == Identifier.Type.IP
                ? Optional.of(List.of(Reserved.address(identifier.value())))
                : Optional.empty();
    }
}
