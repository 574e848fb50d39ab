package org.autotls.responder;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.autotls.DnsQueries;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Scheduler;
import org.autotls.TxtRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until every authoritative server of a zone shows a TXT value. Caches are not asked: they may remember for an hour
 * that there was nothing.
 *
 * <p>A server that answers without the value is waited for until the limit, and then it is a failure. One that does not
 * answer (an IPv6 address where there is no IPv6, say) is left out after a while, if another one shows the value.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads.
 */
final class Propagation {

    private static final Logger LOG = LoggerFactory.getLogger(Dns01Responder.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** How long a server that says nothing is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final DnsQueries queries;
    private final Scheduler scheduler;
    private final Duration limit;

    Propagation(DnsQueries queries, Scheduler scheduler, Duration limit) {
        this.queries = queries;
        this.scheduler = scheduler;
        this.limit = limit;
    }

    /**
     * Waits.
     *
     * @throws IssueException of kind {@code UNPROVED} when the limit is over, naming the servers that lack the value;
     *     {@code STOPPED} if the thread is interrupted
     */
    void await(TxtRecord record) {
        new Wait(record).run();
    }

    /** One wait. One thread. */
    private final class Wait {

        private final TxtRecord record;
        private final Instant begin = scheduler.instant();
        private final Instant end = begin.plus(limit);
        private final Map<InetSocketAddress, String> missing = new LinkedHashMap<>();
        private final List<InetSocketAddress> silent = new ArrayList<>();
        private boolean known;
        private boolean shown;
        private String trouble = "its authoritative servers were not found";

        Wait(TxtRecord record) {
            this.record = record;
        }

        void run() {
            Duration pause = FIRST_PAUSE;
            while (true) {
                look();
                Instant now = scheduler.instant();
                if (known && missing.isEmpty()) {
                    return;
                }
                if (shown && silent.containsAll(missing.keySet()) && !now.isBefore(begin.plus(PATIENCE))) {
                    LOG.warn("{} is visible, but these servers of its zone do not answer: {}", record.name(), missing);
                    return;
                }
                if (!now.isBefore(end)) {
                    throw overdue();
                }
                Duration left = Duration.between(now, end);
                sleep(pause.compareTo(left) < 0 ? pause : left);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }

        private void look() {
            silent.clear();
            try {
                if (!known) {
                    queries.authorities(record.name()).forEach(server -> missing.put(server, "was not asked"));
                    known = true;
                }
            } catch (IssueException e) {
                trouble = String.valueOf(e.getMessage());
                return;
            }
            for (InetSocketAddress server : List.copyOf(missing.keySet())) {
                if (has(server)) {
                    missing.remove(server);
                    shown = true;
                }
            }
        }

        private boolean has(InetSocketAddress server) {
            try {
                if (queries.txt(server, record.name()).contains(record.value())) {
                    return true;
                }
                missing.put(server, "does not have it");
            } catch (IssueException e) {
                if (e.kind() == Kind.STOPPED) {
                    throw e;
                }
                if (e.kind() == Kind.NETWORK) {
                    silent.add(server);
                }
                missing.put(server, String.valueOf(e.getMessage()));
            }
            return false;
        }

        private IssueException overdue() {
            return new IssueException(
                    Kind.UNPROVED,
                    "the TXT value at " + record.name() + " was not at all servers of its zone within "
                            + limit.toSeconds() + " s: " + (known ? missing : trouble)
                            + ". Do the secondaries take changes over (NOTIFY, zone transfer)?");
        }

        private void sleep(Duration pause) {
            CountDownLatch over = new CountDownLatch(1);
            Scheduler.Cancellable wake = scheduler.schedule(pause, over::countDown);
            try {
                over.await();
            } catch (InterruptedException e) {
                wake.cancel();
                Thread.currentThread().interrupt();
                throw new IssueException(Kind.STOPPED, "waiting for " + record.name() + " was stopped", e);
            }
        }
    }
}
