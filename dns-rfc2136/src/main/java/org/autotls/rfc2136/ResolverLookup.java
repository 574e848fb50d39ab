package org.autotls.rfc2136;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.autotls.DnsQueries;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.autotls.doctor.CaaRecord;
import org.autotls.doctor.DnsLookup;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CAARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Asks one DNS server, or the system's resolvers in turn until one answers.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Every answer is waited for 3 s, and asked for twice.
 */
public final class ResolverLookup implements DnsLookup {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int MOST_STEPS = 8;
    private static final int MOST_RECORDS = 64;
    private static final int CRITICAL = 128;

    private final List<InetSocketAddress> servers;
    private final DnsQueries queries;
    private final Exchange exchange = new Exchange(TIMEOUT);

    private ResolverLookup(List<InetSocketAddress> servers, DnsQueries queries) {
        this.servers = servers;
        this.queries = queries;
    }

    /**
     * Asks the system's resolvers.
     *
     * @return a lookup
     */
    public static ResolverLookup system() {
        return new ResolverLookup(ResolverConfig.getCurrentConfig().servers(), new DnsClient(List.of()));
    }

    /**
     * Asks one server only, for what a resolver is asked; what dns-01 needs is asked of the system's resolvers besides.
     *
     * @param server resolving, or authoritative for all that will be asked; not unresolved
     * @return a lookup
     */
    public static ResolverLookup at(InetSocketAddress server) {
        return new ResolverLookup(List.of(server), new DnsClient(List.of(server)));
    }

    @Override
    public List<InetAddress> addresses(String name) {
        return Stream.concat(
                        find(name, Type.A, record -> record instanceof ARecord a ? a.getAddress() : null).stream(),
                        find(name, Type.AAAA, record -> record instanceof AAAARecord aaaa ? aaaa.getAddress() : null)
                                .stream())
                .distinct()
                .toList();
    }

    @Override
    public List<CaaRecord> caa(String name) {
        return find(
                name,
                Type.CAA,
                record -> record instanceof CAARecord caa
                        ? new CaaRecord((caa.getFlags() & CRITICAL) != 0, caa.getTag(), caa.getValue())
                        : null);
    }

    @Override
    public Optional<String> alias(String name) {
        return queries.alias(name);
    }

    @Override
    public List<InetSocketAddress> authorities(String name) {
        return queries.authorities(name);
    }

    @Override
    public Set<String> txt(InetSocketAddress server, String name) {
        return queries.txt(server, name);
    }

    /** Follows aliases, within an answer and, if the server leaves that to us, by asking again. */
    private <T> List<T> find(String name, int type, Function<Record, @Nullable T> read) {
        Name at = Exchange.absolute(name);
        Message answer = ask(at, type);
        for (int step = 0; step < MOST_STEPS; step++) {
            List<T> found = records(answer, at, read);
            Optional<Name> alias = alias(answer, at);
            if (!found.isEmpty() || alias.isEmpty()) {
                return found;
            }
            at = alias.get();
            boolean told =
                    alias(answer, at).isPresent() || !records(answer, at, read).isEmpty();
            answer = told ? answer : ask(at, type);
        }
        throw new IssueException(
                Kind.UNPROVED, Text.escape(name) + " is an alias of an alias, more than " + MOST_STEPS + " times");
    }

    private static <T> List<T> records(Message answer, Name owner, Function<Record, @Nullable T> read) {
        List<T> found = new ArrayList<>();
        for (Record record : answer.getSection(Section.ANSWER)) {
            T value = record.getName().equals(owner) ? read.apply(record) : null;
            if (value != null && found.size() < MOST_RECORDS) {
                found.add(value);
            }
        }
        return found;
    }

    private static Optional<Name> alias(Message answer, Name owner) {
        return answer.getSection(Section.ANSWER).stream()
                .filter(record ->
                        record instanceof CNAMERecord && record.getName().equals(owner))
                .map(record -> ((CNAMERecord) record).getTarget())
                .findFirst();
    }

    private Message ask(Name name, int type) {
        IssueException failure = new IssueException(Kind.NETWORK, "this machine has no DNS server configured");
        for (InetSocketAddress server : servers) {
            try {
                return checked(server, name, type, exchange.send(server, question(name, type), null));
            } catch (IssueException e) {
                if (e.kind() != Kind.NETWORK) {
                    throw e;
                }
                failure = e;
            }
        }
        throw failure;
    }

    private static Message question(Name name, int type) {
        return Message.newQuery(Record.newRecord(name, type, DClass.IN));
    }

    private static Message checked(InetSocketAddress server, Name name, int type, Message answer) {
        int code = answer.getRcode();
        if (code == Rcode.NOERROR || code == Rcode.NXDOMAIN) {
            return answer;
        }
        throw new IssueException(
                code == Rcode.REFUSED ? Kind.NETWORK : Kind.UNPROVED, // it is not this server's to answer
                "the DNS server " + Exchange.shown(server) + " answers " + Rcode.string(code) + " for "
                        + Text.escape(Exchange.plain(name)) + " " + Type.string(type));
    }
}
