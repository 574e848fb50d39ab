package org.autotls.rfc2136;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.DnsQueries;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * The DNS queries that dns-01 needs. Zones and their servers are looked for at the servers that were given, if they know,
 * and else at the system's resolvers; aliases and TXT values are asked of the zone's authoritative servers only, since a
 * cache may remember for long that there was nothing.
 *
 * <p>An authoritative server that has the address of one that was given is asked at the port that was given.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Every answer is waited for 3 s, and asked for twice.
 */
public final class DnsClient implements DnsQueries {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int DNS_PORT = 53;
    private static final int MAX_SERVERS = 32; // of a zone; more is no zone that anybody serves

    private final List<InetSocketAddress> first;
    private final int port;
    private final Exchange exchange;

    /**
     * Makes a client.
     *
     * @param first servers, resolving or authoritative, that are asked before the system's resolvers; may be empty
     */
    public DnsClient(List<InetSocketAddress> first) {
        this(first, DNS_PORT, TIMEOUT);
    }

    /**
     * Makes a client for a network of its own.
     *
     * @param first servers, resolving or authoritative, that are asked before the system's resolvers; may be empty
     * @param port where the authoritative servers listen that are not among those; 53 on the Internet
     * @param timeout for one answer
     */
    public DnsClient(List<InetSocketAddress> first, int port, Duration timeout) {
        this.first = List.copyOf(first);
        this.port = port;
        this.exchange = new Exchange(timeout);
    }

    @Override
    public Optional<String> alias(String name) {
        Name owner = Exchange.absolute(name);
        return authoritative(name, owner, Type.CNAME).getSection(Section.ANSWER).stream()
                .filter(CNAMERecord.class::isInstance)
                .map(CNAMERecord.class::cast)
                .filter(record -> record.getName().equals(owner))
                .map(record -> Exchange.plain(record.getTarget()))
                .findFirst();
    }

    @Override
    public List<InetSocketAddress> authorities(String name) {
        Name zone = zone(Exchange.absolute(name));
        List<Name> names =
                ask(zone, Type.NS).map(answer -> answer.getSection(Section.ANSWER)).orElse(List.of()).stream()
                        .filter(NSRecord.class::isInstance)
                        .map(record -> ((NSRecord) record).getTarget())
                        .limit(MAX_SERVERS)
                        .toList();
        Set<InetSocketAddress> servers = new LinkedHashSet<>();
        for (Name server : names) {
            addresses(server).forEach(address -> servers.add(new InetSocketAddress(address, portOf(address))));
        }
        if (servers.isEmpty()) {
            throw new IssueException(
                    Kind.UNPROVED,
                    "no name server of the zone " + shown(zone) + " has an address (NS records: "
                            + names.stream().map(DnsClient::shown).toList() + ")");
        }
        return servers.stream().limit(MAX_SERVERS).toList();
    }

    @Override
    public Set<String> txt(InetSocketAddress server, String name) {
        Name owner = Exchange.absolute(name);
        return direct(server, owner, Type.TXT).getSection(Section.ANSWER).stream()
                .filter(record ->
                        record instanceof TXTRecord && record.getName().equals(owner))
                .map(record -> String.join("", ((TXTRecord) record).getStrings()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Finds the zone that a name lies in: the nearest name upwards with an SOA record.
     *
     * @throws IssueException of kind {@code UNPROVED} if there is none below the root
     */
    Name zone(Name name) {
        for (Name at = name; at.labels() > 1; at = new Name(at, 1)) {
            Name from = at;
            // The SOA stands in the answer at the cut itself, in the authority section below it. Behind an alias it is
            // another zone's.
            Optional<Name> apex = ask(at, Type.SOA)
                    .map(answer -> Stream.of(Section.ANSWER, Section.AUTHORITY)
                            .flatMap(section -> answer.getSection(section).stream()))
                    .orElse(Stream.empty())
                    .filter(SOARecord.class::isInstance)
                    .map(Record::getName)
                    .filter(owner -> owner.labels() > 1 && from.subdomain(owner))
                    .findFirst();
            if (apex.isPresent()) {
                return apex.get();
            }
        }
        throw new IssueException(
                Kind.UNPROVED,
                "no DNS server that was asked knows a zone for " + shown(name) + " (asked: "
                        + servers().map(Exchange::shown).toList() + ")");
    }

    private Stream<InetAddress> addresses(Name server) {
        return Stream.concat(
                ask(server, Type.A).stream()
                        .flatMap(answer -> answer.getSection(Section.ANSWER).stream()
                                .filter(ARecord.class::isInstance)
                                .map(record -> ((ARecord) record).getAddress())),
                ask(server, Type.AAAA).stream()
                        .flatMap(answer -> answer.getSection(Section.ANSWER).stream()
                                .filter(AAAARecord.class::isInstance)
                                .map(record -> ((AAAARecord) record).getAddress())));
    }

    private int portOf(InetAddress address) {
        return first.stream()
                .filter(server -> address.equals(server.getAddress()))
                .map(InetSocketAddress::getPort)
                .findFirst()
                .orElse(port);
    }

    private Stream<InetSocketAddress> servers() {
        return Stream.concat(first.stream(), ResolverConfig.getCurrentConfig().servers().stream());
    }

    /** The first answer of a server that knows; empty if they all answer, and none does. */
    private Optional<Message> ask(Name name, int type) {
        @Nullable IssueException failure = null;
        for (InetSocketAddress server : servers().distinct().toList()) {
            try {
                Message answer = exchange.send(server, question(name, type, true), null);
                boolean knows = answer.getHeader().getFlag(Flags.AA)
                        || answer.getHeader().getFlag(Flags.RA);
                if (knows && isWord(answer)) {
                    return Optional.of(answer);
                }
            } catch (IssueException e) {
                if (e.kind() == Kind.STOPPED) {
                    throw e;
                }
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return Optional.empty();
    }

    /** The answer of the first authoritative server that gives one. */
    private Message authoritative(String name, Name owner, int type) {
        List<IssueException> failures = new ArrayList<>();
        for (InetSocketAddress server : authorities(name)) {
            try {
                return direct(server, owner, type);
            } catch (IssueException e) {
                if (e.kind() == Kind.STOPPED) {
                    throw e;
                }
                failures.add(e);
            }
        }
        throw failures.get(0);
    }

    private Message direct(InetSocketAddress server, Name name, int type) {
        Message answer = exchange.send(server, question(name, type, false), null);
        if (!isWord(answer) || !answer.getHeader().getFlag(Flags.AA)) {
            throw new IssueException(
                    Kind.UNPROVED,
                    "the DNS server " + Exchange.shown(server) + " is named as authoritative for " + shown(name)
                            + " and is not: it answers " + Rcode.string(answer.getRcode()));
        }
        return answer;
    }

    private static boolean isWord(Message answer) {
        return answer.getRcode() == Rcode.NOERROR || answer.getRcode() == Rcode.NXDOMAIN;
    }

    private static Message question(Name name, int type, boolean recursive) {
        Message message = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        if (!recursive) {
            message.getHeader().unsetFlag(Flags.RD);
        }
        return message;
    }

    private static String shown(Name name) {
        return Text.escape(Exchange.plain(name));
    }
}
