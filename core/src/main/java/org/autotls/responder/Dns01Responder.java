package org.autotls.responder;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.autotls.Challenge;
import org.autotls.DnsQueries;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Presentation;
import org.autotls.Preview;
import org.autotls.Responder;
import org.autotls.Scheduler;
import org.autotls.Text;
import org.autotls.TxtRecord;
import org.autotls.internal.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers dns-01 (RFC 8555 §8.4): a TXT value at {@code _acme-challenge.NAME}. The only challenge that proves a wildcard.
 *
 * <p>{@link #present} does, in this order:
 *
 * <ol>
 *   <li>Follow the aliases of {@code _acme-challenge.NAME}, at most eight, to where the value really goes. So the zone that
 *       is written to need not be the one that is served.
 *   <li>Add the value there. What else stands at that name stays: a wildcard and its base name need two values at one name.
 *   <li>Wait until every authoritative server of that zone shows the value; the CA may ask any of them. If they do not in
 *       time, take it away again and fail: that costs nothing, while a validation that fails counts against the CA's limits.
 * </ol>
 *
 * <p>The presentation holds all that removing the value needs, so {@link #cleanUp} works in another process.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #present} blocks for as long as the value takes to spread.
 */
public final class Dns01Responder implements Responder {

    private static final String TYPE = "dns-01";
    private static final String ACCOUNT_TYPE = "dns-account-01";
    private static final String PREFIX = "_acme-challenge.";
    private static final Logger LOG = LoggerFactory.getLogger(Dns01Responder.class);

    private final String type;
    private final DnsRecords records;
    private final Optional<DnsQueries> queries;
    private final Optional<Propagation> propagation;

    /**
     * Makes a responder that follows aliases and waits for propagation.
     *
     * @param records writes the values
     * @param queries asks DNS
     * @param scheduler the present, and pauses between two looks
     * @param limit how long a value may take to spread; zero not to wait at all
     * @throws IllegalArgumentException if {@code limit} is negative or more than an hour
     */
    public Dns01Responder(DnsRecords records, DnsQueries queries, Scheduler scheduler, Duration limit) {
        this(TYPE, records, queries, scheduler, limit);
    }

    private Dns01Responder(String type, DnsRecords records, DnsQueries queries, Scheduler scheduler, Duration limit) {
        if (limit.isNegative() || limit.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("propagation limit " + limit + ": expected zero to an hour");
        }
        this.type = type;
        this.records = requireNonNull(records, "records");
        this.queries = Optional.of(queries);
        this.propagation = limit.isZero() ? Optional.empty() : Optional.of(new Propagation(queries, scheduler, limit));
    }

    /**
     * Makes a responder that asks nothing of DNS: it follows no alias, and takes a value for visible when
     * {@link DnsRecords#add} returns.
     *
     * @param records writes the values
     */
    public Dns01Responder(DnsRecords records) {
        this.type = TYPE;
        this.records = requireNonNull(records, "records");
        this.queries = Optional.empty();
        this.propagation = Optional.empty();
    }

    /**
     * Makes a responder for dns-account-01 (draft-ietf-acme-dns-account-label-02): the same value, but at a name of this
     * account's own, {@code _LABEL._acme-challenge.NAME}, so that several accounts, each behind an alias of its own, can prove
     * the same name.
     *
     * @param records writes the values
     * @param queries asks DNS
     * @param scheduler the present, and pauses between two looks
     * @param limit how long a value may take to spread; zero not to wait at all
     * @return a responder
     * @throws IllegalArgumentException if {@code limit} is negative or more than an hour
     */
    @Preview
    public static Dns01Responder ofAccount(
            DnsRecords records, DnsQueries queries, Scheduler scheduler, Duration limit) {
        return new Dns01Responder(ACCOUNT_TYPE, records, queries, scheduler, limit);
    }

    @Override
    public String challengeType() {
        return type;
    }

    @Override
    public Presentation present(Challenge challenge) {
        TxtRecord record = record(challenge);
        String id = records.add(record);
        LOG.debug("added {}", record);
        propagation.ifPresent(servers -> awaitOrRemove(servers, record, id));
        return presentation(record, id);
    }

    @Override
    public void cleanUp(Presentation presentation) {
        String[] parts = presentation.value().split(" ", 4);
        if (parts.length != 4) {
            throw new IllegalArgumentException("'" + Text.escape(presentation.value()) + "' of "
                    + presentation.identifier() + " is no presentation of " + type);
        }
        String keyAuthorization = parts[2];
        int tokenEnd = Math.max(0, keyAuthorization.indexOf('.'));
        Challenge challenge = new Challenge(
                type, presentation.identifier(), keyAuthorization.substring(0, tokenEnd), keyAuthorization);
        records.remove(new TxtRecord(parts[0], parts[1], challenge), parts[3]);
        LOG.debug("removed {} TXT {}", parts[0], parts[1]);
    }

    /** Removes the value without adding it, and so without waiting for it to spread. */
    @Override
    public void undo(Challenge challenge) {
        records.remove(record(challenge), "");
    }

    /** A stop leaves the value: the next start knows of it, and this thread is not to block any longer. */
    private void awaitOrRemove(Propagation servers, TxtRecord record, String id) {
        try {
            servers.await(record);
        } catch (RuntimeException e) {
            if (!(e instanceof IssueException failure && failure.kind() == Kind.STOPPED)) {
                removeAfter(e, record, id);
            }
            throw e;
        }
    }

    private void removeAfter(RuntimeException failure, TxtRecord record, String id) {
        try {
            records.remove(record, id);
        } catch (RuntimeException e) {
            LOG.warn("{} could not be removed and stays behind", record, e);
            failure.addSuppressed(e);
        }
    }

    private TxtRecord record(Challenge challenge) {
        String base = challenge.identifier().value();
        String name = label(challenge) + PREFIX + (challenge.identifier().isWildcard() ? base.substring(2) : base);
        return new TxtRecord(
                queries.map(dns -> Aliases.follow(dns, name)).orElse(name),
                digest(challenge.keyAuthorization()),
                challenge);
    }

    /** The first ten bytes of the hash of the account's URL, in base 32 (§3.2 of the draft). */
    private String label(Challenge challenge) {
        if (type.equals(TYPE)) {
            return "";
        }
        if (challenge.account().isEmpty()) {
            throw new IssueException(Kind.CONFIGURATION, type + " needs the account's URL, which is not known");
        }
        return "_" + Base32.encode(Arrays.copyOf(Sha256.of(challenge.account()), 10)) + ".";
    }

    private Presentation presentation(TxtRecord record, String id) {
        return new Presentation(
                type,
                record.challenge().identifier(),
                record.name() + " " + record.value() + " " + record.challenge().keyAuthorization() + " " + id);
    }

    private static String digest(String keyAuthorization) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(keyAuthorization));
    }
}
