package org.autotls.rfc2136;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Update;

/**
 * Writes TXT values by dynamic updates (RFC 2136), signed with TSIG (RFC 8945): BIND, Knot, PowerDNS, NSD's front ends and
 * the DNS of Windows take them. Single records are added and deleted, never a whole set.
 *
 * <p>A failure's message says what to do. Its kind: {@code CONFIGURATION} if the server refuses the key or the change,
 * {@code UNPROVED} if a clock or the server is in trouble, {@code NETWORK} if there is no answer.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Blocks for at most 30 s.
 */
public final class Rfc2136Records implements DnsRecords {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** In seconds. A CA that caches at all does not cache for longer, and nobody else asks. */
    private static final long TTL = 60;

    private final InetSocketAddress server;
    private final TsigKey key;
    private final DnsClient dns;
    private final InstantSource clock;
    private final Exchange exchange = new Exchange(TIMEOUT);

    /**
     * Makes a writer.
     *
     * @param server the zone's primary, or who passes updates on to it
     * @param key what it knows us by
     * @param dns finds zones; should ask {@code server} first
     * @param clock what updates are dated with; the server takes a date that is off by 300 s at most
     */
    public Rfc2136Records(InetSocketAddress server, TsigKey key, DnsClient dns, InstantSource clock) {
        this.server = requireNonNull(server, "server");
        this.key = requireNonNull(key, "key");
        this.dns = requireNonNull(dns, "dns");
        this.clock = requireNonNull(clock, "clock");
    }

    @Override
    public String add(TxtRecord record) {
        Update update = new Update(zone(record));
        update.add(txt(record, TTL));
        send(update, record);
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        Update update = new Update(zone(record));
        update.delete(txt(record, 0));
        send(update, record);
    }

    /** Where updates go and by which key; no secret. */
    @Override
    public String toString() {
        return "updates of " + Exchange.shown(server) + " by " + key;
    }

    private Name zone(TxtRecord record) {
        return dns.zone(Exchange.absolute(record.name()));
    }

    private static TXTRecord txt(TxtRecord record, long ttl) {
        return new TXTRecord(Exchange.absolute(record.name()), DClass.IN, ttl, record.value());
    }

    private void send(Update update, TxtRecord record) {
        TSIG signer = key.tsig(clock);
        Message answer = exchange.send(server, update, signer);
        int code = answer.getRcode();
        Optional<TSIGRecord> signature = Optional.ofNullable(answer.getTSIG());
        int tsigError = signature.map(TSIGRecord::getError).orElse(0);
        if (code == Rcode.NOERROR && tsigError == 0) {
            if (!answer.isVerified()) {
                throw failure(
                        Kind.UNPROVED, record, "its answer is not signed with our key: somebody may be forging it");
            }
            return;
        }
        throw tsigError == 0
                ? refused(code, update, record)
                : badSignature(
                        tsigError, signature.map(TSIGRecord::getTimeSigned).orElse(Instant.EPOCH), record);
    }

    private IssueException badSignature(int error, Instant theirs, TxtRecord record) {
        return switch (error) {
            case Rcode.BADKEY ->
                failure(
                        Kind.CONFIGURATION,
                        record,
                        "it does not know the " + key + " (BADKEY): name and algorithm must be those of its own"
                                + " configuration");
            case Rcode.BADSIG ->
                failure(
                        Kind.CONFIGURATION,
                        record,
                        "it holds another secret for the " + key + " (BADSIG): copy the secret again");
            case Rcode.BADTIME ->
                failure(
                        Kind.UNPROVED,
                        record,
                        "its clock and this machine's are more than 300 s apart (BADTIME; here it is " + clock.instant()
                                + ", the answer names " + theirs + "): set the one that is wrong");
            default ->
                failure(Kind.CONFIGURATION, record, "it refuses the " + key + " (" + Rcode.TSIGstring(error) + ")");
        };
    }

    private IssueException refused(int code, Update update, TxtRecord record) {
        Name zone = update.getQuestion().getName();
        return switch (code) {
            case Rcode.REFUSED ->
                failure(
                        Kind.CONFIGURATION,
                        record,
                        "it refuses the change (REFUSED): allow the " + key + " to write TXT there (BIND: update-policy"
                                + " { grant KEY name " + record.name() + ". TXT; };)");
            case Rcode.NOTAUTH ->
                failure(
                        Kind.CONFIGURATION,
                        record,
                        "it is not the primary of the zone " + zone + ", or wants another key (NOTAUTH): name the"
                                + " server that takes updates for that zone");
            case Rcode.NOTZONE, Rcode.NOTIMP, Rcode.FORMERR ->
                failure(
                        Kind.CONFIGURATION,
                        record,
                        "it takes no such updates for the zone " + zone + " (" + Rcode.string(code) + ")");
            default ->
                failure(
                        Kind.UNPROVED,
                        record,
                        "it is in trouble (" + Rcode.string(code) + "): its log says why; often it cannot write the"
                                + " zone's journal");
        };
    }

    private IssueException failure(Kind kind, TxtRecord record, String why) {
        return new IssueException(
                kind, "the DNS server " + Exchange.shown(server) + " did not change " + record.name() + ": " + why);
    }
}
