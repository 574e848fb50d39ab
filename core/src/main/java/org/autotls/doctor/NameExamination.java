package org.autotls.doctor;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.Scheduler;

/**
 * How one name or address stands, whichever CA is asked. Immutable.
 *
 * @param findings at least one
 * @param caa the CAA records that count; empty for an address, or if DNS did not answer, which is told already
 */
record NameExamination(List<Finding> findings, Optional<CaaSearch> caa) {

    /** For one connection; twice that is waited for in all. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** Addresses of one name that are asked. */
    private static final int MOST_ADDRESSES = 5;

    NameExamination {
        findings = List.copyOf(findings);
    }

    /** What names are examined with. */
    record Tools(Intent intent, DnsLookup dns, Ports ports, Scheduler scheduler) {

        Probe probe(String type) {
            int port = ports.of(type).askedPort();
            return type.equals(ChallengeOrder.HTTP)
                    ? new HttpProbe(ports.rehearsal(), port, scheduler, LIMIT)
                    : new TlsProbe(ports.rehearsal(), port, scheduler, LIMIT);
        }
    }

    /** Looks; blocks for a bounded time. */
    static NameExamination of(Identifier identifier, Tools tools) {
        List<Finding> findings = new ArrayList<>();
        findings.add(NameCheck.judge(
                identifier, tools.intent().order(), tools.intent().isPublic()));
        Optional<String> method = tools.intent().order().chosen(identifier);
        if (method.isPresent()) {
            findings.addAll(
                    method.get().startsWith("dns-")
                            ? List.of(DelegationCheck.look(identifier, tools.dns()))
                            : connections(identifier, method.get(), tools));
        }
        if (identifier.type() == Identifier.Type.IP) {
            return new NameExamination(findings, Optional.empty());
        }
        try {
            String base = identifier.isWildcard() ? identifier.value().substring(2) : identifier.value();
            return new NameExamination(findings, Optional.of(CaaSearch.climb(base, tools.dns())));
        } catch (IssueException e) {
            findings.add(AddressCheck.unanswered(CaaCheck.NAME, identifier, "CAA", e));
            return new NameExamination(findings, Optional.empty());
        }
    }

    private static List<Finding> connections(Identifier identifier, String method, Tools tools) {
        List<InetAddress> addresses;
        try {
            addresses = AddressCheck.own(identifier).orElseGet(() -> tools.dns().addresses(identifier.value()));
        } catch (IssueException e) {
            return List.of(AddressCheck.judge(identifier, e));
        }
        Finding address =
                AddressCheck.judge(identifier, addresses, tools.intent().isPublic());
        PortUse use = tools.ports().of(method);
        if (addresses.isEmpty() || use.state() == PortUse.State.CLOSED) {
            return List.of(address);
        }
        Probe probe = tools.probe(method);
        List<ProbeResult> results = addresses.stream()
                .limit(MOST_ADDRESSES)
                .map(one -> probe.ask(one, identifier))
                .toList();
        return List.of(address, ReachCheck.judge(identifier, method, use, results));
    }
}
