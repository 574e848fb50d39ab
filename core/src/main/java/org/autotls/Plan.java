package org.autotls;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.autotls.RenewalDecision.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link IssuingService} knows in memory: each subject's certificate and last failure, when to look at it again,
 * what is queued and what is running. Decides nothing by itself ({@link RenewalPolicy} does) and does no I/O.
 *
 * <p>A subject is in exactly one place: waiting (for an instant), queued, or running.
 *
 * <p><b>Threads.</b> Safe for many threads: each method is atomic.
 */
final class Plan {

    /** What a check found. */
    record Checked(int subjects, List<Subject> due, List<Subject> panicking, List<Subject> inTrouble) {}

    private static final class Entry {
        final Subject subject;
        /** Null for a subject that somebody asked for and that is not in the store. */
        @Nullable
        StoredBundle stored;

        LeafTimes leaf = LeafTimes.NONE;
        AttemptRecord attempts = AttemptRecord.NONE;
        RenewalRecord renewal = RenewalRecord.NONE;

        @Nullable
        CertificateBundle unsaved;

        boolean untidy;
        Instant nextAt = Instant.MAX;
        Reason reason = Reason.MISSING;

        Entry(Subject subject) {
            this.subject = subject;
        }
    }

    private final RenewalPolicy policy;

    // All guarded by this.
    private final Map<Subject, Entry> entries = new HashMap<>();
    private final Map<Subject, Flight> flights = new HashMap<>();
    private final TreeSet<Entry> waiting =
            new TreeSet<>(Comparator.comparing((Entry entry) -> entry.nextAt).thenComparing(entry -> entry.subject));
    private final FlightQueue queue;

    Plan(RenewalPolicy policy, int maxInFlight) {
        this.policy = policy;
        this.queue = new FlightQueue(maxInFlight);
    }

    /** The store holds this now. The records replace what was known of failures, and of what the issuer said. */
    synchronized void changed(StoredBundle stored, AttemptRecord attempts, RenewalRecord renewal, Instant now) {
        Entry entry = entries.computeIfAbsent(stored.subject(), Entry::new);
        waiting.remove(entry);
        entry.stored = stored;
        entry.leaf = LeafTimes.of(stored);
        entry.attempts = attempts;
        entry.renewal = renewal;
        Flight flight = flights.get(entry.subject);
        if (flight != null && isNeedless(flight, entry, now)) {
            queue.remove(flight);
            flights.remove(entry.subject);
        }
        if (!flights.containsKey(entry.subject)) {
            await(entry, now);
        }
    }

    /** The store holds it no more; what is queued for it is dropped, unless somebody asked for it. */
    synchronized void removed(Subject subject) {
        Entry entry = entries.get(subject);
        if (entry == null) {
            return;
        }
        waiting.remove(entry);
        entry.stored = null;
        Flight flight = flights.get(subject);
        if (flight != null && !flight.running && !flight.forced) {
            queue.remove(flight);
            flights.remove(subject);
            flight = null;
        }
        if (flight == null) {
            entries.remove(subject);
        }
    }

    /** The issuer has said when it wants the stored certificate renewed; what it said of another one is not for now. */
    synchronized void said(Subject subject, RenewalRecord renewal, Instant now) {
        Entry entry = entries.get(subject);
        if (entry == null || !entry.renewal.certificateId().equals(renewal.certificateId())) {
            return;
        }
        entry.renewal = renewal;
        if (waiting.remove(entry)) {
            await(entry, now);
        }
    }

    /** What a crash may have left behind is to be looked at, whenever the subject is due. */
    synchronized void untidy(Subject subject, Instant now) {
        Entry entry = entries.get(subject);
        if (entry != null && !flights.containsKey(subject)) {
            waiting.remove(entry);
            entry.untidy = true;
            await(entry, now);
        }
    }

    synchronized List<Subject> subjects() {
        return List.copyOf(entries.keySet());
    }

    synchronized AttemptRecord attempts(Subject subject) {
        Entry entry = entries.get(subject);
        return entry == null ? AttemptRecord.NONE : entry.attempts;
    }

    /** Tells whether a failure for this subject is an alarm; one that was asked for and is not stored raises none. */
    synchronized boolean isPanicking(Subject subject, Instant now) {
        Entry entry = entries.get(subject);
        return entry != null && entry.stored != null && policy.isPanicking(now, entry.leaf);
    }

    /** Tells whether the store holds an entry for this subject, as far as is known. */
    synchronized boolean isStored(Subject subject) {
        Entry entry = entries.get(subject);
        return entry != null && entry.stored != null;
    }

    /** Asks the policy about every subject again, and says what it found. */
    synchronized Checked check(Instant now) {
        List<Subject> due = new ArrayList<>();
        List<Subject> panicking = new ArrayList<>();
        List<Subject> inTrouble = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (!flights.containsKey(entry.subject)) {
                waiting.remove(entry);
                await(entry, now);
            }
            boolean panics = policy.isPanicking(now, entry.leaf);
            if (decide(entry, now) instanceof RenewalDecision.Now) {
                due.add(entry.subject);
                if (panics) {
                    panicking.add(entry.subject);
                }
            } else if (entry.attempts.failures() > 0 && panics) {
                inTrouble.add(entry.subject);
            }
        }
        return new Checked(entries.size(), due, panicking, inTrouble);
    }

    /** Queues everything whose instant has come. */
    synchronized void wake(Instant now) {
        while (!waiting.isEmpty() && !waiting.first().nextAt.isAfter(now)) {
            Entry entry = waiting.first();
            waiting.remove(entry);
            await(entry, now); // the policy has the last word: the clock may have moved, either way
            if (!entry.nextAt.isAfter(now)) {
                waiting.remove(entry);
                enqueue(entry, now);
            }
        }
    }

    /** Joins the subject's flight, or queues one, ahead of all that nobody asked for. */
    synchronized Flight request(Subject subject, Instant now) {
        Entry entry = entries.computeIfAbsent(subject, Entry::new);
        waiting.remove(entry);
        Flight flight = flights.get(subject);
        if (flight == null) {
            flight = enqueue(entry, now);
        }
        boolean queued = queue.remove(flight);
        flight.forced = true;
        if (queued) {
            queue.add(flight);
        }
        return flight;
    }

    /** Takes the flight whose turn it is, if there is room and, where it needs one, an order for it. */
    synchronized Optional<Flight> next(OrderAllowance allowance, Instant now) {
        Optional<Flight> next = queue.poll(allowance, now);
        next.ifPresent(flight -> flight.running = true);
        return next;
    }

    /** When what waits for any order to be allowed again goes on; empty if nothing does. */
    synchronized Optional<Instant> opensAt() {
        return queue.opensAt();
    }

    /** When the first that waits for an order of its own names to be allowed again goes on; empty if none does. */
    synchronized Optional<Instant> unparksAt() {
        return queue.unparksAt();
    }

    /** How many wait for an order of their own names to be allowed again. */
    synchronized int parked() {
        return queue.parked();
    }

    /** How many wait for orders to be allowed again. */
    synchronized int held() {
        return queue.held();
    }

    /** Nothing was tried since no order can be placed before an instant: it and its like wait for that, in their order. */
    synchronized void postpone(Flight flight, Instant until) {
        flight.spends = true;
        queue.close(until);
        requeue(flight);
    }

    /** No order can be placed for its names before an instant; nothing was tried, and nobody else waits for that. */
    synchronized void park(Flight flight, Instant until) {
        leave(flight);
        if (flights.get(flight.subject) == flight) {
            flight.spends = true;
            queue.park(flight, until);
        }
    }

    synchronized @Nullable CertificateBundle unsaved(Subject subject) {
        Entry entry = entries.get(subject);
        return entry == null ? null : entry.unsaved;
    }

    /**
     * Tells whether the subject is queued or running, or would be queued by {@link #wake}. What waits for orders to be allowed
     * again is not: nobody knows when its turn comes.
     */
    synchronized boolean isDue(Subject subject, Instant now) {
        Entry entry = entries.get(subject);
        Flight flight = flights.get(subject);
        if (flight != null) {
            return flight.running || !isHeld(flight);
        }
        return entry != null && !entry.nextAt.isAfter(now);
    }

    /** Gives the flight's room back; it stays the subject's flight until {@link #requeue} or {@link #land}. */
    synchronized void leave(Flight flight) {
        if (flight.running) {
            flight.running = false;
            flight.renewal = null;
            queue.end(flight);
        }
    }

    /** Queues a flight again whose time has not come yet. */
    synchronized void requeue(Flight flight) {
        if (flights.get(flight.subject) == flight && !flight.running) {
            queue.add(flight);
        }
    }

    /**
     * Ends a flight, unless somebody asked for the subject after it was decided that nothing is to be done.
     *
     * @param forced whether the end is one for those who asked, too
     * @return false if the flight goes on; the caller queues it again
     */
    synchronized boolean land(Flight flight, boolean forced, AttemptRecord attempts, Instant now) {
        if (flight.forced && !forced) {
            return false;
        }
        flights.remove(flight.subject, flight);
        Entry entry = entries.get(flight.subject);
        if (entry != null) {
            entry.attempts = attempts;
            entry.untidy = entry.untidy && attempts.failures() > 0;
            if (entry.stored == null) {
                entries.remove(flight.subject);
            } else {
                await(entry, now);
            }
        }
        return true;
    }

    /** Keeps what could not be written, or, with null, nothing any more. */
    synchronized void keepUnsaved(Subject subject, @Nullable CertificateBundle bundle) {
        Entry entry = entries.get(subject);
        if (entry != null) {
            entry.unsaved = bundle;
        }
    }

    /** Another process is at it: look again later, whatever the policy says. */
    synchronized boolean landHeld(Flight flight, Duration wait, Instant now) {
        Entry entry = entries.get(flight.subject);
        boolean untidy = entry != null && entry.untidy;
        if (!land(flight, false, attempts(flight.subject), now)) {
            return false;
        }
        if (entry != null && entry.stored != null) {
            waiting.remove(entry);
            entry.untidy = untidy;
            entry.nextAt = now.plus(wait);
            entry.reason = Reason.HELD;
            waiting.add(entry);
        }
        return true;
    }

    /** Returns when {@link #wake} has something to do. */
    synchronized Optional<Instant> nextWake() {
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.first().nextAt);
    }

    synchronized int inFlight() {
        return queue.running();
    }

    synchronized List<SubjectStatus> status(Instant now) {
        List<SubjectStatus> all = new ArrayList<>();
        for (Entry entry : entries.values()) {
            Flight flight = flights.get(entry.subject);
            all.add(new SubjectStatus(
                    entry.subject,
                    entry.stored == null ? "" : SubjectStatus.issuer(entry.stored),
                    entry.leaf,
                    flight == null ? entry.nextAt : waitsUntil(flight, now),
                    flight == null ? entry.reason : reason(flight),
                    policy.isPanicking(now, entry.leaf),
                    entry.attempts,
                    entry.renewal));
        }
        all.sort(Comparator.comparing(SubjectStatus::subject));
        return all;
    }

    /** Forgets everything, and returns the flights for the caller to end. */
    synchronized List<Flight> stop() {
        List<Flight> all = List.copyOf(flights.values());
        flights.clear();
        queue.clear();
        waiting.clear();
        return all;
    }

    private void await(Entry entry, Instant now) {
        RenewalDecision decision = decide(entry, now);
        entry.reason = decision.reason();
        entry.nextAt = decision instanceof RenewalDecision.LookAgainAt later ? later.instant() : now;
        boolean clockInDoubt = decision instanceof RenewalDecision.LookAgainAt later && later.isClockInDoubt();
        // To look at what was left behind may mean to order; to save what was issued does not.
        if (!clockInDoubt && (entry.unsaved != null || (entry.untidy && entry.reason != Reason.ORDERED_LATELY))) {
            Instant allowed = entry.attempts.allowedAt(now);
            entry.nextAt = allowed.isAfter(now) ? allowed : now;
        }
        waiting.add(entry);
    }

    private RenewalDecision decide(Entry entry, Instant now) {
        return policy.decide(now, entry.leaf, entry.attempts, entry.renewal);
    }

    private boolean isHeld(Flight flight) {
        return queue.isParked(flight) || (flight.spends && !flight.running && queue.held() > 0);
    }

    /** Another process may have renewed it while it waited here, for weeks perhaps. */
    private boolean isNeedless(Flight flight, Entry entry, Instant now) {
        return queue.isParked(flight) && !flight.forced && decide(entry, now) instanceof RenewalDecision.LookAgainAt;
    }

    private Instant waitsUntil(Flight flight, Instant now) {
        if (queue.isParked(flight)) {
            return flight.parkedUntil;
        }
        return isHeld(flight) ? queue.opensAt().orElse(now) : now;
    }

    private Reason reason(Flight flight) {
        if (queue.isParked(flight)) {
            return Reason.NAMES_OVER_BUDGET;
        }
        return isHeld(flight) ? Reason.OVER_BUDGET : Reason.IN_PROGRESS;
    }

    private Flight enqueue(Entry entry, Instant now) {
        Flight.Urgency urgency = new Flight.Urgency(
                entry.attempts.failures() > 0,
                policy.isEndangered(now, entry.leaf),
                policy.isPanicking(now, entry.leaf),
                neededBy(entry),
                entry.leaf.notAfter());
        Flight flight = new Flight(entry.subject, now, urgency);
        // An order that is resumed, or names what it replaces, may need none. The issuer knows, and is asked if so.
        flight.spends =
                !entry.attempts.isUnfinished() && entry.renewal.certificate().isEmpty();
        flights.put(entry.subject, flight);
        queue.add(flight);
        return flight;
    }

    /** A CA that calls certificates back says by the end of its window how long it waits; the rest is good until it ends. */
    private static Instant neededBy(Entry entry) {
        Instant expiry = entry.leaf.notAfter();
        return entry.renewal
                .window()
                .map(RenewalWindow::end)
                .filter(end -> end.isBefore(expiry))
                .orElse(expiry);
    }
}
