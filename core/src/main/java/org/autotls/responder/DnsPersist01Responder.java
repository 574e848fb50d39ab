package org.autotls.responder;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
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
import org.autotls.TxtRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers dns-persist-01 (draft-ietf-acme-dns-persist-01): a TXT value at {@code _validation-persist.NAME} that names the CA
 * and the account, and stays. So nobody needs to write to the zone when a certificate is renewed.
 *
 * <p>{@link #present} does, in this order:
 *
 * <ol>
 *   <li>Follow the aliases of {@code _validation-persist.NAME}.
 *   <li>Look whether every authoritative server shows a value that permits this. If so, nothing is to be done.
 *   <li>If there is a writer, add the value, and wait until every server shows it. If there is none, fail with the record that
 *       is to be added by hand, once.
 * </ol>
 *
 * <p>{@link #cleanUp} does nothing: the value is to stay. It permits this account, and nobody else, to have certificates for
 * the name; whoever wants that no more removes it by hand.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #present} blocks for as long as the value takes to spread.
 */
@Preview
public final class DnsPersist01Responder implements Responder {

    private static final String TYPE = "dns-persist-01";
    private static final String PREFIX = "_validation-persist.";
    private static final int MAX_VALUE = 255; // what one string of a TXT record holds
    private static final Logger LOG = LoggerFactory.getLogger(DnsPersist01Responder.class);

    private final Optional<DnsRecords> records;
    private final DnsQueries queries;
    private final Scheduler scheduler;
    private final Duration limit;

    /**
     * Makes a responder that adds the value where it is missing.
     *
     * @param records writes the values
     * @param queries asks DNS
     * @param scheduler the present, and pauses between two looks
     * @param limit how long a value may take to spread; more than zero, at most an hour
     * @throws IllegalArgumentException if {@code limit} is out of range
     */
    public DnsPersist01Responder(DnsRecords records, DnsQueries queries, Scheduler scheduler, Duration limit) {
        this(Optional.of(records), queries, scheduler, limit);
    }

    /**
     * Makes a responder that only looks, and says what to add if that is missing.
     *
     * @param queries asks DNS
     * @param scheduler the present
     */
    public DnsPersist01Responder(DnsQueries queries, Scheduler scheduler) {
        this(Optional.empty(), queries, scheduler, Duration.ofMinutes(1));
    }

    private DnsPersist01Responder(
            Optional<DnsRecords> records, DnsQueries queries, Scheduler scheduler, Duration limit) {
        if (limit.isNegative() || limit.isZero() || limit.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("propagation limit " + limit + ": expected more than zero to an hour");
        }
        this.records = records;
        this.queries = requireNonNull(queries, "queries");
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.limit = limit;
    }

    @Override
    public String challengeType() {
        return TYPE;
    }

    @Override
    public Presentation present(Challenge challenge) {
        PersistentValue wanted = PersistentValue.of(challenge);
        String name = PREFIX + base(challenge);
        String place = Aliases.follow(queries, name);
        if (!isPermitted(place, wanted)) {
            add(new TxtRecord(place, wanted.text(), challenge), name);
        }
        return new Presentation(TYPE, challenge.identifier(), place);
    }

    /** Does nothing: the value is to stay. */
    @Override
    public void cleanUp(Presentation presentation) {
        requireNonNull(presentation, "presentation");
    }

    /** Does nothing: the value is to stay. */
    @Override
    public void undo(Challenge challenge) {
        requireNonNull(challenge, "challenge");
    }

    /** A server that says nothing is left out if another one shows the value, as when a value spreads. */
    private boolean isPermitted(String place, PersistentValue wanted) {
        boolean shown = false;
        Optional<IssueException> silence = Optional.empty();
        for (InetSocketAddress server : queries.authorities(place)) {
            try {
                if (queries.txt(server, place).stream()
                        .noneMatch(text -> wanted.isPermittedBy(text, scheduler.instant()))) {
                    return false;
                }
                shown = true;
            } catch (IssueException e) {
                if (e.kind() != Kind.NETWORK) {
                    throw e;
                }
                silence = Optional.of(e);
            }
        }
        if (!shown && silence.isPresent()) {
            throw silence.get();
        }
        return shown;
    }

    private void add(TxtRecord record, String name) {
        if (records.isEmpty()) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    "add this record, once, to let " + record.challenge().issuers() + " certify the name for this"
                            + " account: " + name + ". TXT \"" + record.value() + "\"");
        }
        if (record.value().length() > MAX_VALUE) {
            throw new IssueException(
                    Kind.CONFIGURATION, "the value for " + name + " is longer than " + MAX_VALUE + " characters");
        }
        records.get().add(record);
        LOG.info("added {}, which stays", record);
        new Propagation(queries, scheduler, limit).await(record);
    }

    private static String base(Challenge challenge) {
        String value = challenge.identifier().value();
        return challenge.identifier().isWildcard() ? value.substring(2) : value;
    }
}
