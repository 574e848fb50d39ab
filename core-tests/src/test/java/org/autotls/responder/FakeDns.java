package org.autotls.responder;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.autotls.DnsQueries;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;

/**
 * DNS in memory: a primary that is written to, and secondaries that lag, are silent or are wrong for as many looks as a test
 * says.
 */
final class FakeDns implements DnsRecords, DnsQueries {

    static final InetSocketAddress PRIMARY = InetSocketAddress.createUnresolved("ns1.example", 53);
    static final InetSocketAddress SECONDARY = InetSocketAddress.createUnresolved("ns2.example", 53);

    final Map<String, String> aliases = new HashMap<>();
    final Map<String, Set<String>> values = new HashMap<>();
    final List<String> calls = new ArrayList<>();

    /** How many looks at the secondary show nothing; it has no secondary if negative. */
    int lag = -1;

    /** Whether the secondary does not answer, or only ever without the value. */
    boolean silent;

    /** How often finding the authoritative servers fails first. */
    int lostZone;

    @Override
    public synchronized String add(TxtRecord record) {
        calls.add("add " + record.name());
        values.computeIfAbsent(record.name(), name -> new TreeSet<>()).add(record.value());
        return "id of " + record.value();
    }

    @Override
    public synchronized void remove(TxtRecord record, String id) {
        calls.add("remove " + record.name() + (id.isEmpty() ? "" : " by id"));
        values.getOrDefault(record.name(), Set.of()).removeIf(record.value()::equals);
    }

    @Override
    public synchronized Optional<String> alias(String name) {
        return Optional.ofNullable(aliases.get(name));
    }

    @Override
    public synchronized List<InetSocketAddress> authorities(String name) {
        if (lostZone-- > 0) {
            throw new IssueException(Kind.NETWORK, "no answer for the zone of " + name);
        }
        return lag < 0 && !silent ? List.of(PRIMARY) : List.of(PRIMARY, SECONDARY);
    }

    @Override
    public synchronized Set<String> txt(InetSocketAddress server, String name) {
        calls.add("ask " + server.getHostString());
        if (server.equals(SECONDARY)) {
            if (silent) {
                throw new IssueException(Kind.NETWORK, "no answer from " + server);
            }
            if (lag-- > 0) {
                return Set.of();
            }
        }
        return Set.copyOf(values.getOrDefault(name, Set.of()));
    }
}
